internal import GRDB
internal import GRDBSQLite
internal import SQLInterface

/// A prepared statement, bound and stepped through SQLite's C functions. Used only on the connection's queue.
@safe final class PreparedStatement {
    // Keeps the handle alive: GRDB finalizes it when the last reference goes.
    private let owner: Statement
    private let handle: OpaquePointer
    private let database: String
    let name: String?

    init(_ statement: Statement, database: String, name: String?) {
        owner = statement
        unsafe handle = statement.sqliteStatement
        self.database = database
        self.name = name
    }

    // MARK: Running

    /// Goes to the next row; false at the end.
    func step() throws(SQLiteError) -> Bool {
        switch unsafe sqlite3_step(handle) {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        default: throw failure()
        }
    }

    func reset() {
        unsafe sqlite3_reset(handle)
        unsafe sqlite3_clear_bindings(handle)
    }

    /// Rows changed by this statement alone.
    var changes: Int { unsafe Int(sqlite3_changes64(sqlite3_db_handle(handle))) }
    /// Rows changed since the connection was opened, those changed by cascades included.
    var totalChanges: Int { unsafe Int(sqlite3_total_changes64(sqlite3_db_handle(handle))) }

    private func failure() -> SQLiteError {
        let connection = unsafe sqlite3_db_handle(handle)
        let code = unsafe sqlite3_extended_errcode(connection)
        let message = unsafe String(cString: sqlite3_errmsg(connection))
        return SQLiteError(resultCode: code, message: message, database: database, statementName: name)
    }

    // MARK: Binding

    /// Binds `$1`… to the values; a parameter that occurs twice has one place.
    func bind(_ parameters: [SQLValue]) throws(SQLiteError) {
        for (index, value) in parameters.enumerated() {
            let place = unsafe sqlite3_bind_parameter_index(handle, "$\(index + 1)")
            guard place > 0 else { continue }  // the text does not mention it
            try bindCopying(value, at: place)
        }
    }

    /// Binds the row to the places 1…n, runs the statement and makes it ready for the next row.
    ///
    /// Blobs are bound in place, each within the scope that keeps its storage still; the rest is copied.
    func insert(_ row: [SQLValue]) throws(SQLiteError) {
        try bind(row, from: 0)
    }

    private func bind(_ row: [SQLValue], from first: Int) throws(SQLiteError) {
        for index in first..<row.count {
            if case .blob(let bytes) = row[index], bytes.count > 1_024 {
                try unsafe bytes.withUnsafeBufferPointer { buffer throws(SQLiteError) in
                    let code = unsafe sqlite3_bind_blob64(
                        handle, Int32(index + 1), buffer.baseAddress, UInt64(buffer.count), nil)
                    guard code == SQLITE_OK else { throw failure() }
                    try bind(row, from: index + 1)
                }
                return
            }
            try bindCopying(row[index], at: Int32(index + 1))
        }
        _ = try step()
        unsafe sqlite3_reset(handle)
    }

    private func bindCopying(_ value: SQLValue, at place: Int32) throws(SQLiteError) {
        let code: Int32 =
            switch value {
            case .null: unsafe sqlite3_bind_null(handle, place)
            case .integer(let number): unsafe sqlite3_bind_int64(handle, place, number)
            case .boolean(let flag): unsafe sqlite3_bind_int64(handle, place, flag ? 1 : 0)
            case .real(let number): unsafe sqlite3_bind_double(handle, place, number)
            case .text(let text): bindText(text, at: place)
            case .timestamp(let microseconds):
                bindText(SQLTimestamp(microseconds: microseconds).iso8601, at: place)
            case .blob(let bytes): bindBlob(bytes, at: place)
            }
        guard code == SQLITE_OK else { throw failure() }
    }

    private func bindText(_ text: String, at place: Int32) -> Int32 {
        var text = text
        return text.withUTF8 { buffer in
            // An empty string may have no address, which SQLite would take for NULL.
            guard let start = unsafe UnsafeRawPointer(buffer.baseAddress) else {
                return unsafe sqlite3_bind_text(handle, place, "", 0, Self.copy)
            }
            return unsafe sqlite3_bind_text64(
                handle, place, start.assumingMemoryBound(to: CChar.self), UInt64(buffer.count), Self.copy,
                UInt8(SQLITE_UTF8))
        }
    }

    private func bindBlob(_ bytes: [UInt8], at place: Int32) -> Int32 {
        guard !bytes.isEmpty else { return unsafe sqlite3_bind_zeroblob(handle, place, 0) }
        return unsafe bytes.withUnsafeBytes { buffer in
            unsafe sqlite3_bind_blob64(handle, place, buffer.baseAddress, UInt64(buffer.count), Self.copy)
        }
    }

    /// SQLITE_TRANSIENT, a cast that Swift does not import: SQLite copies before it returns.
    private static var copy: sqlite3_destructor_type { unsafe unsafeBitCast(-1, to: sqlite3_destructor_type.self) }

    // MARK: Reading

    var columnNames: [String] {
        (0..<columnCount).map { index in
            unsafe sqlite3_column_name(handle, index).map { unsafe String(cString: $0) } ?? ""
        }
    }

    private var columnCount: Int32 { unsafe sqlite3_column_count(handle) }

    /// The values of the row that the statement stands on.
    func row() -> [SQLValue] {
        (0..<columnCount).map(value(at:))
    }

    private func value(at column: Int32) -> SQLValue {
        switch unsafe sqlite3_column_type(handle, column) {
        case SQLITE_INTEGER: return .integer(unsafe sqlite3_column_int64(handle, column))
        case SQLITE_FLOAT: return .real(unsafe sqlite3_column_double(handle, column))
        case SQLITE_TEXT:
            let start = unsafe sqlite3_column_text(handle, column)
            let count = unsafe Int(sqlite3_column_bytes(handle, column))
            return .text(unsafe String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self))
        case SQLITE_BLOB:
            let start = unsafe sqlite3_column_blob(handle, column)
            let count = unsafe Int(sqlite3_column_bytes(handle, column))
            return .blob(unsafe [UInt8](UnsafeRawBufferPointer(start: start, count: count)))
        default: return .null
        }
    }
}
