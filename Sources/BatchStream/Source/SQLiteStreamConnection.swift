internal import CForkGate
internal import GRDBSQLite
internal import Glibc
package import SQLInterface

/// Reads from an SQLite file through the C library alone: no queue, no thread of its own.
///
/// Every call into the library is made within the fork gate, which does not nest: functions that are to be called
/// within it say so.
@safe final class SQLiteStreamConnection: StreamConnection {
    private var handle: OpaquePointer?
    private var pixels: OpaquePointer?
    private let name: String
    let interruption: (@Sendable () -> Void)?

    init(path: String) throws {
        name = path.split(separator: "/").last.map(String.init) ?? path
        guard unsafe access(path, F_OK) == 0 else {
            throw StreamError(
                .notFound, "The warehouse \(name) cannot be opened: there is no such file; check the path.")
        }
        guard !Self.isFolder(path) else {
            throw StreamError(
                .notFound,
                "The warehouse \(name) cannot be opened: it is a folder, and a warehouse is a file; name one in it, "
                    + "such as sqlite:FOLDER/ich.sqlite.")
        }
        fork_gate_prepare()
        let status = unsafe Self.open(path, &handle)
        let opened = unsafe Interruptible(handle)
        interruption = { opened.interrupt() }
        guard status == SQLITE_OK else {
            fork_gate_enter()
            defer { fork_gate_leave() }
            throw failure()
        }
        // Pages of pixels are read once and at random: from the file's own pages, not through a cache of ours.
        try run("PRAGMA mmap_size = 1099511627776")
        try run("PRAGMA cache_size = -4096")
    }

    deinit { close() }

    func close() {
        fork_gate_enter()
        defer { fork_gate_leave() }
        unsafe sqlite3_finalize(pixels)
        unsafe pixels = nil
        unsafe sqlite3_close_v2(handle)
        unsafe handle = nil
    }

    private static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    private static func open(_ path: String, _ handle: inout OpaquePointer?) -> Int32 {
        // One thread at a time uses a connection, so that it needs no mutex of its own.
        let flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_URI
        fork_gate_enter()
        defer { fork_gate_leave() }
        let status = unsafe sqlite3_open_v2(fileName(path), &handle, flags, nil)
        guard status == SQLITE_OK else { return status }
        unsafe fork_gate_attach(handle)
        // ATTACH and VACUUM INTO would open or write other files.
        _ = unsafe sqlite3_limit(handle, SQLITE_LIMIT_ATTACHED, 0)
        return status
    }

    // A folder that may not be written cannot hold the shared memory of the log; without a log nothing is shared.
    private static func fileName(_ path: String) -> String {
        let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
        guard unsafe access(folder, W_OK) != 0, unsafe access(path + "-wal", F_OK) != 0 else { return path }
        let escaped = path.flatMap { ["%": "%25", "?": "%3f", "#": "%23"][$0] ?? String($0) }
        return "file:\(String(escaped))?immutable=1"
    }

    // MARK: Rows

    /// Rows that are fetched at once, between which a fork may come.
    private static let blockSize = 64

    func forEachRow(_ sql: SQL, _ body: ([SQLValue]) throws -> Void) throws {
        try unsafe query(sql) { statement in try unsafe forEachRow(of: statement, body) }
    }

    func typedResult(_ sql: SQL) throws -> TypedRows {
        var rows: [[SQLValue]] = []
        var columns: [(name: String, type: SQLColumnType?)] = []
        try unsafe query(sql) { statement in
            columns = unsafe self.columns(statement)
            try unsafe forEachRow(of: statement) { rows.append($0) }
        }
        return TypedRows(rows: RowSet(columns: columns.map(\.name), rows: rows), types: columns.map(\.type))
    }

    private func forEachRow(of statement: OpaquePointer, _ body: ([SQLValue]) throws -> Void) throws {
        var count = Self.blockSize
        // A step behind the last row would begin again with the first.
        while count == Self.blockSize {
            let rows = try unsafe nextRows(statement)
            for row in rows { try body(row) }
            count = rows.count
        }
    }

    private func nextRows(_ statement: OpaquePointer) throws -> [[SQLValue]] {
        fork_gate_enter()
        defer { fork_gate_leave() }
        let count = unsafe sqlite3_column_count(statement)
        var rows: [[SQLValue]] = []
        while rows.count < Self.blockSize {
            guard try unsafe step(statement) else { break }
            rows.append((0..<count).map { unsafe Self.value(statement, $0) })
        }
        return rows
    }

    /// SQLite knows a type where a column is one of a table, or of a view that has it from there.
    private func columns(_ statement: OpaquePointer) -> [(name: String, type: SQLColumnType?)] {
        fork_gate_enter()
        defer { fork_gate_leave() }
        let count = unsafe sqlite3_column_count(statement)
        return (0..<count).map { column in
            let name = unsafe sqlite3_column_name(statement, column).map { unsafe String(cString: $0) } ?? ""
            let declared = unsafe sqlite3_column_decltype(statement, column).map { unsafe String(cString: $0) }
            return (name, declared.flatMap { SQLColumnType(sqliteDeclaration: $0) })
        }
    }

    private func query(_ sql: SQL, _ body: (OpaquePointer) throws -> Void) throws {
        let statement = try unsafe prepare(sql.text)
        defer { unsafe finalize(statement) }
        unsafe bind(sql, to: statement)
        try unsafe body(statement)
    }

    private func bind(_ sql: SQL, to statement: OpaquePointer) {
        fork_gate_enter()
        defer { fork_gate_leave() }
        for (index, value) in sql.parameters.enumerated() {
            let place = unsafe sqlite3_bind_parameter_index(statement, "$\(index + 1)")
            switch value {
            case .integer(let number): unsafe sqlite3_bind_int64(statement, place, number)
            case .real(let number): unsafe sqlite3_bind_double(statement, place, number)
            case .boolean(let flag): unsafe sqlite3_bind_int64(statement, place, flag ? 1 : 0)
            case .text(let text):
                // SQLITE_TRANSIENT, a cast that Swift does not import: SQLite copies the text.
                unsafe sqlite3_bind_text(
                    statement, place, text, -1, unsafeBitCast(-1, to: sqlite3_destructor_type.self))
            case .null, .blob, .timestamp: unsafe sqlite3_bind_null(statement, place)
            }
        }
    }

    private func prepare(_ text: String) throws -> OpaquePointer {
        fork_gate_enter()
        defer { fork_gate_leave() }
        var statement: OpaquePointer?
        guard unsafe sqlite3_prepare_v2(handle, text, -1, &statement, nil) == SQLITE_OK,
            let statement = unsafe statement
        else { throw failure() }
        return unsafe statement
    }

    private func finalize(_ statement: OpaquePointer) {
        fork_gate_enter()
        defer { fork_gate_leave() }
        unsafe sqlite3_finalize(statement)
    }

    private func run(_ text: String) throws {
        try unsafe query(SQL(raw: text)) { statement in try unsafe forEachRow(of: statement) { _ in } }
    }

    /// To be called within the gate.
    private func step(_ statement: OpaquePointer) throws -> Bool {
        switch unsafe sqlite3_step(statement) {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        default: throw failure()
        }
    }

    /// To be called within the gate.
    private static func value(_ statement: OpaquePointer, _ column: Int32) -> SQLValue {
        switch unsafe sqlite3_column_type(statement, column) {
        case SQLITE_INTEGER: return unsafe .integer(sqlite3_column_int64(statement, column))
        case SQLITE_FLOAT: return unsafe .real(sqlite3_column_double(statement, column))
        case SQLITE_NULL: return .null
        case SQLITE_TEXT:
            return unsafe sqlite3_column_text(statement, column).map { unsafe .text(String(cString: $0)) } ?? .null
        default:
            let count = unsafe Int(sqlite3_column_bytes(statement, column))
            return unsafe .blob(
                [UInt8](UnsafeRawBufferPointer(start: sqlite3_column_blob(statement, column), count: count)))
        }
    }

    // MARK: Pixels

    func forEachTile(of slices: [SliceKey], _ body: (StoredTile) throws -> Void) throws {
        if unsafe pixels == nil {
            unsafe pixels = try prepare(
                "SELECT first_row, row_count, encoding = 'jpeg', bytes FROM slice_pixels "
                    + "WHERE patient_id = ?1 AND slice_id = ?2 ORDER BY tile_index")
        }
        guard let statement = unsafe pixels else { return }
        defer { unsafe reset(statement) }
        for (index, key) in slices.enumerated() {
            unsafe select(key, statement)
            // Tiles are unpacked outside of the gate: their bytes stay where they are until the next step.
            while let tile = try unsafe nextTile(statement, request: index) { try body(tile) }
        }
    }

    private func reset(_ statement: OpaquePointer) {
        fork_gate_enter()
        defer { fork_gate_leave() }
        unsafe sqlite3_reset(statement)
    }

    private func select(_ key: SliceKey, _ statement: OpaquePointer) {
        fork_gate_enter()
        defer { fork_gate_leave() }
        unsafe sqlite3_reset(statement)
        unsafe sqlite3_bind_int64(statement, 1, key.patient)
        unsafe sqlite3_bind_int64(statement, 2, key.slice)
    }

    private func nextTile(_ statement: OpaquePointer, request: Int) throws -> StoredTile? {
        fork_gate_enter()
        defer { fork_gate_leave() }
        guard try unsafe step(statement) else { return nil }
        let bytes = unsafe UnsafeRawBufferPointer(
            start: sqlite3_column_blob(statement, 3), count: Int(sqlite3_column_bytes(statement, 3)))
        return unsafe StoredTile(
            request: request, firstRow: Int(sqlite3_column_int64(statement, 0)),
            rowCount: Int(sqlite3_column_int64(statement, 1)),
            isJPEG: sqlite3_column_int64(statement, 2) == 1, bytes: bytes)
    }

    // MARK: Failures

    /// To be called within the gate.
    private func failure() -> SQLiteStreamError {
        let code = unsafe sqlite3_extended_errcode(handle)
        return SQLiteStreamError(
            resultCode: code, database: name, message: unsafe String(cString: sqlite3_errmsg(handle)))
    }
}

/// Lets any thread end the statement that runs.
// @unchecked: SQLite promises that sqlite3_interrupt may be called from any thread while the connection is open, and
// the stream closes connections after its threads have ended.
@safe private final class Interruptible: @unchecked Sendable {
    private let handle: OpaquePointer?
    init(_ handle: OpaquePointer?) { unsafe self.handle = handle }
    func interrupt() { unsafe sqlite3_interrupt(handle) }
}

/// A failure of the SQLite library.
package struct SQLiteStreamError: DatabaseFailure {
    package let resultCode: Int32
    package let database: String
    /// SQLite's own words; may quote the statement.
    let message: String

    package var kind: DatabaseFailureKind {
        switch resultCode & 0xFF {
        case SQLITE_BUSY, SQLITE_LOCKED: .locked
        case SQLITE_NOTADB, SQLITE_CORRUPT: .notADatabase
        case SQLITE_CANTOPEN, SQLITE_PERM, SQLITE_AUTH: .permission
        case SQLITE_READONLY: .readOnly
        case SQLITE_IOERR: .inputOutput
        case SQLITE_INTERRUPT: .cancelled
        case SQLITE_NOMEM, SQLITE_FULL: .resources
        case SQLITE_ERROR where message.hasPrefix("no such"): .undefinedName
        case SQLITE_ERROR where message.hasPrefix("too many attached databases"): .readOnly
        case SQLITE_ERROR: .syntax
        default: .other
        }
    }

    package var description: String {
        let reason =
            switch kind {
            case .locked: "somebody else holds the lock; try again"
            case .notADatabase: "the file is no SQLite database, or is damaged"
            case .permission: "the file may not be read; check its permissions"
            case .readOnly where resultCode & 0xFF == SQLITE_ERROR:
                "the statement writes or opens another file, and this connection only reads"
            case .readOnly where resultCode >> 8 == 4: "the file was moved while it was read; open it again"
            // RECOVERY, CANTLOCK, CANTINIT, ROLLBACK: a log or journal must be gone through first, which writes.
            case .readOnly where resultCode != SQLITE_READONLY:
                "another program left its log unfinished and the folder may not be written; ask who owns it to open it "
                    + "once"
            case .readOnly: "the statement writes, and this connection only reads; use sqlite3 to change rows"
            case .undefinedName: "\(message); run slicehouse migrate, or check the statement"
            case .syntax: message
            case .cancelled: "the statement was cancelled"
            default: "the library refused (code \(resultCode))"
            }
        return "SQLite failed in \(database): \(reason)."
    }

    package var debugDescription: String { "\(description) [code \(resultCode): \(message)]" }
}
