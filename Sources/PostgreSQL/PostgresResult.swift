internal import CLibPQ
internal import SQLInterface

/// The owner of a libpq result.
@safe struct PostgresResult: ~Copyable {
    private let pointer: OpaquePointer?

    init(takingOwnershipOf pointer: OpaquePointer?) {
        unsafe self.pointer = pointer
    }

    deinit {
        unsafe PQclear(pointer)
    }

    var status: ExecStatusType { unsafe PQresultStatus(pointer) }
    /// Whether libpq had nothing more to return.
    var isAbsent: Bool { unsafe pointer == nil }
    var rowCount: Int { unsafe Int(PQntuples(pointer)) }
    var columnCount: Int { unsafe Int(PQnfields(pointer)) }

    /// Rows that an INSERT, UPDATE, DELETE, SELECT or COPY touched.
    var affectedRowCount: Int { unsafe Int(String(cString: PQcmdTuples(pointer))) ?? 0 }
    /// `INSERT`, `SELECT`, … as the server reports it.
    var command: String { unsafe String(cString: PQcmdStatus(pointer)) }

    var columnNames: [String] {
        (0..<columnCount).map { unsafe String(cString: PQfname(pointer, Int32($0))) }
    }

    var columnTypes: [PostgresType] {
        (0..<columnCount).map { PostgresType(oid: unsafe PQftype(pointer, Int32($0))) }
    }

    /// A row, decoded.
    func row(_ row: Int, types: [PostgresType], isBinary: Bool) throws(PostgresError) -> [SQLValue] {
        var values: [SQLValue] = []
        values.reserveCapacity(types.count)
        for (column, type) in types.enumerated() {
            let place = Int32(column)
            guard unsafe PQgetisnull(pointer, Int32(row), place) == 0 else {
                values.append(.null)
                continue
            }
            let bytes = unsafe UnsafeRawBufferPointer(
                start: PQgetvalue(pointer, Int32(row), place), count: Int(PQgetlength(pointer, Int32(row), place)))
            let value = unsafe isBinary ? type.decode(binary: bytes) : type.decode(text: bytes)
            guard let value else { throw unreadable(column: column) }
            values.append(value)
        }
        return values
    }

    private func unreadable(column: Int) -> PostgresError {
        PostgresError(
            kind: .invalidData, column: unsafe String(cString: PQfname(pointer, Int32(column))),
            reason: "a result value cannot be decoded; cast the column to text")
    }

    /// The error that the result carries.
    func error(statement: SQL?) -> PostgresError {
        // Without an SQLSTATE the words are libpq's own, of a lost connection; after a failed write libpq still calls it
        // good. Calls in the wrong state do not come here: the session refuses them.
        let sqlState = field(clibpq_diag_sqlstate) ?? ""
        let kind = PostgresError.kind(sqlState: sqlState)
        let primary = field(clibpq_diag_message_primary)
        return PostgresError(
            kind: kind, sqlState: sqlState, table: field(clibpq_diag_table_name),
            column: field(clibpq_diag_column_name), constraint: field(clibpq_diag_constraint_name),
            statementName: statement?.name,
            reason: PostgresError.reason(
                kind: kind, sqlState: sqlState, parserMessage: primary.map { $0 + line(in: statement) }),
            serverMessage: serverMessage(primary: primary))
    }

    private func serverMessage(primary: String?) -> String {
        let parts = [primary, field(clibpq_diag_message_detail), field(clibpq_diag_context)].compactMap(\.self)
        guard parts.isEmpty else { return parts.joined(separator: "; ") }
        return unsafe String(cString: PQresultErrorMessage(pointer))
    }

    /// ` in line 12`, from the character position that the server gives.
    private func line(in statement: SQL?) -> String {
        guard let statement, let position = field(clibpq_diag_statement_position).flatMap({ Int($0) }) else {
            return ""
        }
        let before = statement.text.unicodeScalars.prefix(max(0, position - 1))
        return " in line \(before.count { $0 == "\n" } + 1)"
    }

    private func field(_ code: Int32) -> String? {
        unsafe PQresultErrorField(pointer, code).map { unsafe String(cString: $0) }
    }
}
