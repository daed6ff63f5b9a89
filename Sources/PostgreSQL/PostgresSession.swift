internal import CLibPQ
package import SQLInterface

/// One connection to a PostgreSQL server, for use by one thread at a time; every call blocks.
///
/// ``PostgresConnection`` wraps it for Swift concurrency; threads without it use the session itself.
package final class PostgresSession {
    let handle: PostgresHandle
    private var statements = PostgresStatementCache()
    private var columnTypes: [String: [String: PostgresType]] = [:]
    private var stream: PostgresStream?
    private let isReadOnly: Bool

    /// Connects, sets the schema and the session's settings.
    ///
    /// **Throws** `connection`, `authentication`, `databaseMissing`, `resources`.
    package init(options: PostgresOptions) throws(PostgresError) {
        handle = try PostgresHandle(options: options)
        isReadOnly = options.isReadOnly
        try prepareSession(options)
    }

    /// Runs a statement to its end and returns how many rows it changed.
    package func execute(_ sql: SQL) throws(PostgresError) -> Int {
        let result = try run(prepareCall(sql))
        return result.status == PGRES_TUPLES_OK && result.command.hasPrefix("SELECT") ? 0 : result.affectedRowCount
    }

    /// Runs a statement and collects its rows.
    package func rows(_ sql: SQL) throws(PostgresError) -> RowSet { try typedRows(sql).rows }

    /// Runs a statement and collects its rows, with what the server says that the columns are.
    package func typedRows(_ sql: SQL) throws(PostgresError) -> TypedRows {
        let call = try prepareCall(sql)
        try refuseWithoutRows(call)
        let result = try run(call)
        var rows: [[SQLValue]] = []
        rows.reserveCapacity(result.rowCount)
        for row in 0..<result.rowCount {
            rows.append(try result.row(row, types: call.prepared.types, isBinary: call.prepared.isBinary))
        }
        return TypedRows(
            rows: RowSet(columns: call.prepared.columns, rows: rows), types: call.prepared.types.map(\.columnType))
    }

    /// Runs several statements that have no parameters, such as a migration.
    package func executeScript(_ text: String, name: String? = nil) throws(PostgresError) {
        try refuseWhileStreaming()
        var sql = SQL(raw: text)
        sql.name = name
        // What was prepared may no longer fit the schema that the script leaves behind.
        defer { forgetSchema() }
        let result = unsafe PostgresResult(takingOwnershipOf: PQexec(handle.pointer, text))
        try check(result, sql)
    }

    /// What the server remarked since the last call. May repeat values of rows.
    package func takeNotices() -> [String] {
        handle.takeNotices()
    }

    /// Whether the connection was lost; the session is then of no more use.
    package var isLost: Bool { handle.isLost }

    /// Logs out. Every later call fails with `connection`.
    package func close() {
        closeStream()
        handle.close()
    }

    // MARK: Transactions

    package func begin(_ kind: TransactionKind) throws(PostgresError) {
        switch kind {
        // Whoever waits for another run reads what that one wrote: a snapshot from before would not show it.
        case .write: try executeCommand("BEGIN ISOLATION LEVEL READ COMMITTED")
        case .snapshot: try executeCommand("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        }
    }

    /// Makes the transaction's work permanent.
    ///
    /// **Throws** `misuse` when an earlier statement failed: the server then answers COMMIT with a rollback.
    package func commit() throws(PostgresError) {
        try refuseWhileStreaming()
        let result = unsafe PostgresResult(takingOwnershipOf: PQexec(handle.pointer, "COMMIT"))
        try check(result, "COMMIT")
        guard result.command == "COMMIT" else {
            throw PostgresError(
                kind: .misuse, statementName: "COMMIT",
                reason: "an earlier statement of the transaction failed, so nothing was committed")
        }
    }

    package func rollback() throws(PostgresError) {
        closeStream()
        guard isInTransaction else { return }
        do throws(PostgresError) {
            try executeCommand("ROLLBACK")
        } catch {
            // A cancel request sent to the statement before may arrive late, and hit this one.
            guard error.kind == .cancelled else { throw error }
            try executeCommand("ROLLBACK")
        }
    }

    package var isStreaming: Bool { stream != nil }

    package var isInTransaction: Bool { unsafe PQtransactionStatus(handle.pointer) != PQTRANS_IDLE }

    // MARK: Streams

    /// Starts a query whose rows are fetched in batches as the server sends them; nothing else may run until it ends.
    package func openStream(_ sql: SQL) throws(PostgresError) {
        let call = try prepareCall(sql)
        let isSent = unsafe call.parameters.withPointers { values, lengths, formats in
            unsafe PQsendQueryPrepared(
                handle.pointer, call.prepared.name, call.parameters.count, values, lengths, formats, call.resultFormat)
        }
        guard isSent == 1, unsafe PQsetSingleRowMode(handle.pointer) == 1 else { throw sendError(sql) }
        stream = PostgresStream(sql: sql, prepared: call.prepared)
    }

    /// The next rows, at most `maxRows` and about 1 MiB; nil when there are no more, which also closes the stream.
    ///
    /// **Cost** the server is held back by the socket: no more than its buffers and one batch are in memory.
    package func nextBatch(maxRows: Int) throws(PostgresError) -> RowSet? {
        guard let stream else { return nil }
        do {
            if let batch = try stream.nextBatch(handle, maxRows: maxRows) { return batch }
            self.stream = nil
            return nil
        } catch {
            closeStream()
            throw error
        }
    }

    /// Ends the stream. If rows are left the query is cancelled, which fails the transaction it is part of.
    package func closeStream() {
        guard let stream else { return }
        self.stream = nil
        stream.close(handle)
    }

    // MARK: Loading

    /// The types of a table's columns, asked once.
    func types(ofTable table: String) throws(PostgresError) -> [String: PostgresType] {
        if let known = columnTypes[table] { return known }
        let rows = try rows(
            """
            SELECT a.attname, CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE t.oid END
            FROM pg_attribute AS a JOIN pg_type AS t ON t.oid = a.atttypid
            WHERE a.attrelid = to_regclass(\(SQL.quoted(table))) AND a.attnum > 0 AND NOT a.attisdropped
            """)
        var types: [String: PostgresType] = [:]
        for row in rows.rows {
            if case (.text(let name), .integer(let oid)) = (row[0], row[1]) {
                types[name] = PostgresType(oid: UInt32(truncatingIfNeeded: oid))
            }
        }
        guard !types.isEmpty else {
            throw PostgresError(kind: .undefinedName, table: table, reason: "the table does not exist")
        }
        columnTypes[table] = types
        return types
    }

    // MARK: Running

    /// A statement that the server has prepared, with the parameters of one call.
    private struct Call {
        let sql: SQL
        let parameters: PostgresParameters
        let prepared: PostgresPreparedStatement
        var resultFormat: Int32 { prepared.isBinary ? 1 : 0 }
    }

    private func prepareCall(_ sql: SQL) throws(PostgresError) -> Call {
        try refuseWhileStreaming()
        let parameters = try PostgresParameters(sql.parameters)
        return Call(sql: sql, parameters: parameters, prepared: try prepare(sql, types: parameters.types))
    }

    /// What only reads rows may still write a file of the server (COPY), its settings (ALTER SYSTEM) or its pages
    /// (VACUUM). These have no columns, which a query has.
    private func refuseWithoutRows(_ call: Call) throws(PostgresError) {
        guard isReadOnly, call.prepared.columns.isEmpty else { return }
        let isEmpty = SQLTokens(call.sql.text).allSatisfy {
            $0.isSpaceOrComment || $0.kind == .symbol(UInt8(ascii: ";"))
        }
        guard !isEmpty else { return }
        throw PostgresError(
            kind: .readOnly, statementName: call.sql.name,
            reason: PostgresError.reason(kind: .readOnly, parserMessage: nil))
    }

    private func run(_ call: Call) throws(PostgresError) -> PostgresResult {
        let pointer = unsafe call.parameters.withPointers { values, lengths, formats in
            unsafe PQexecPrepared(
                handle.pointer, call.prepared.name, call.parameters.count, values, lengths, formats, call.resultFormat)
        }
        let result = unsafe PostgresResult(takingOwnershipOf: pointer)
        do throws(PostgresError) {
            try check(result, call.sql)
        } catch {
            // Another session may have changed a table under the plan; the next call prepares anew.
            if ["0A000", "26000"].contains(error.sqlState) { forgetSchema() }
            throw error
        }
        return result
    }

    private func prepare(_ sql: SQL, types: [UInt32]) throws(PostgresError) -> PostgresPreparedStatement {
        let key = PostgresStatementCache.Key(text: sql.text, types: types)
        if let known = statements.find(key) { return known }
        let name = statements.nextName()
        let prepared = unsafe PostgresResult(
            takingOwnershipOf: PQprepare(handle.pointer, name, key.text, Int32(types.count), types))
        try check(prepared, sql)
        let described = unsafe PostgresResult(takingOwnershipOf: PQdescribePrepared(handle.pointer, name))
        try check(described, sql)
        let statement = PostgresPreparedStatement(
            name: name, columns: described.columnNames, types: described.columnTypes)
        if let evicted = statements.insert(statement, for: key) {
            try executeCommand("DEALLOCATE \(evicted.name)")
        }
        return statement
    }

    func executeCommand(_ text: String) throws(PostgresError) {
        try refuseWhileStreaming()
        let result = unsafe PostgresResult(takingOwnershipOf: PQexec(handle.pointer, text))
        try check(result, SQL(raw: text))
    }

    func check(_ result: borrowing PostgresResult, _ sql: SQL) throws(PostgresError) {
        switch result.status {
        case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY, PGRES_COPY_IN: return
        default: throw result.error(statement: sql)
        }
    }

    private func sendError(_ sql: SQL) -> PostgresError {
        PostgresError(
            kind: handle.isLost ? .connection : .misuse, statementName: sql.name,
            reason: "the statement could not be sent",
            serverMessage: unsafe String(cString: PQerrorMessage(handle.pointer)))
    }

    private func forgetSchema() {
        columnTypes = [:]
        guard !statements.isEmpty, !isLost, unsafe PQtransactionStatus(handle.pointer) != PQTRANS_INERROR else {
            return
        }
        statements.removeAll()
        _ = unsafe PostgresResult(takingOwnershipOf: PQexec(handle.pointer, "DEALLOCATE ALL"))
    }

    func refuseWhileStreaming() throws(PostgresError) {
        guard stream == nil else {
            throw PostgresError(
                kind: .misuse,
                reason: "a query still streams on this connection; finish it or use another connection")
        }
    }

    private func prepareSession(_ options: PostgresOptions) throws(PostgresError) {
        let path = options.schema.map { "SET search_path TO \(SQL.quoted($0));" } ?? ""
        let access = options.isReadOnly ? "SET default_transaction_read_only = on;" : ""
        // A server stops working for a client that has died, rather than at the end of its statement. Queries over many
        // partitions look dear to the planner; compiling one takes it seconds, and running it a tenth of one.
        try executeCommand(
            "\(path) \(access) SET TimeZone TO 'UTC'; SET client_connection_check_interval TO '10s'; SET jit TO off")
    }
}
