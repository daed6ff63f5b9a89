import Foundation
import SQLInterface
import SQLite
import Testing

@Suite struct SQLiteSessionTests {
    private let folder: TemporaryFolder
    private let options: SQLiteOptions

    init() throws {
        folder = try TemporaryFolder()
        options = SQLiteOptions(path: folder.file("w.sqlite"), access: .write(create: true))
    }

    private var readOptions: SQLiteOptions { SQLiteOptions(path: options.path, access: .read) }

    @Test func `a new file has large pages, a write-ahead log and foreign keys`() throws {
        let session = try SQLiteSession(options: options)
        #expect(try session.rows("PRAGMA page_size").scalar == 16_384)
        #expect(try session.rows("PRAGMA journal_mode").scalar == "wal")
        #expect(try session.rows("PRAGMA synchronous").scalar == 1)
        #expect(try session.rows("PRAGMA foreign_keys").scalar == 1)
    }

    @Test func `every kind of value comes back`() throws {
        let session = try SQLiteSession(options: options)
        try session.executeScript("CREATE TABLE t (i INTEGER, r REAL, x TEXT, b BLOB, f INTEGER, at TEXT) STRICT")
        let blob = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        try session.load(
            table: "t", columns: ["i", "r", "x", "b", "f", "at"],
            rows: [
                [.integer(.min), 0.1, "žluť\u{0}x", .blob(blob), true, .timestamp(microseconds: 1)],
                [.null, .null, "", .blob([]), .null, .null],
            ])
        #expect(
            try session.rows("SELECT * FROM t ORDER BY rowid").rows == [
                [.integer(.min), 0.1, "žluť\u{0}x", .blob(blob), 1, "1970-01-01T00:00:00.000001Z"],
                [.null, .null, "", .blob([]), .null, .null],
            ])
    }

    @Test func `a parameter may occur twice and out of order`() throws {
        let session = try SQLiteSession(options: options)
        let sql = SQL(file: "SELECT $2 || $1 || $2", parameters: ["a", "b"])
        #expect(try session.rows(sql).scalar == "bab")
    }

    @Test func `a second writer is refused at once while readers go on`() throws {
        let writer = try SQLiteSession(options: options)
        try writer.executeScript("CREATE TABLE t (i INTEGER)")
        let error = #expect(throws: SQLiteError.self) { try SQLiteSession(options: options) }
        #expect(error?.kind == .locked)
        try writer.begin(.write)
        _ = try writer.execute("INSERT INTO t VALUES (1)")
        let reader = try SQLiteSession(options: readOptions)
        #expect(try reader.rows("SELECT count(*) FROM t").scalar == 0)
        try writer.commit()
        #expect(try reader.rows("SELECT count(*) FROM t").scalar == 1)
    }

    @Test func `the writer's lock ends with the writer`() throws {
        _ = try SQLiteSession(options: options)
        _ = try SQLiteSession(options: options)
    }

    @Test func `a snapshot does not see what is committed after it began`() throws {
        let writer = try SQLiteSession(options: options)
        try writer.executeScript("CREATE TABLE t (i INTEGER)")
        let reader = try SQLiteSession(options: readOptions)
        try reader.begin(.snapshot)
        _ = try writer.execute("INSERT INTO t VALUES (1)")
        #expect(try reader.rows("SELECT count(*) FROM t").scalar == 0)
        try reader.commit()
        #expect(try reader.rows("SELECT count(*) FROM t").scalar == 1)
    }

    @Test func `a full disk is named, the transaction is gone, and the session goes on`() throws {
        var options = options
        options.maximumPageCount = 20
        let session = try SQLiteSession(options: options)
        try session.executeScript("CREATE TABLE t (b BLOB)")
        try session.begin(.write)
        let error = #expect(throws: SQLiteError.self) {
            try session.load(
                table: "t", columns: ["b"],
                rows: Array(repeating: [.blob([UInt8](repeating: 7, count: 100_000))], count: 10))
        }
        #expect(error?.kind == .diskFull)
        try session.rollback()
        #expect(try session.rows("SELECT count(*) FROM t").scalar == 0)
    }

    @Test func `a file that is no database is named`() throws {
        try Data(repeating: 65, count: 4_096).write(to: URL(filePath: options.path))
        for options in [options, readOptions] {
            let error = #expect(throws: SQLiteError.self) { try SQLiteSession(options: options) }
            #expect(error?.kind == .notADatabase)
            #expect(error?.description.contains("w.sqlite") == true)
            #expect(error?.description.contains(folder.path) == false)
        }
    }

    @Test func `a folder is said to be one, whoever opens it`() {
        for access in [.read, .write(create: false), .write(create: true)] as [SQLiteOptions.Access] {
            let options = SQLiteOptions(path: folder.path, access: access)
            let error = #expect(throws: SQLiteError.self) { try SQLiteSession(options: options) }
            #expect(error?.description.contains("it is a folder, and a warehouse is a file") == true, "\(access)")
        }
    }

    @Test func `a missing file and a missing folder are told apart`() {
        let missing = #expect(throws: SQLiteError.self) { try SQLiteSession(options: readOptions) }
        #expect(missing?.kind == .databaseMissing)
        let options = SQLiteOptions(path: folder.file("no/w.sqlite"), access: .write(create: true))
        let nowhere = #expect(throws: SQLiteError.self) { try SQLiteSession(options: options) }
        #expect(nowhere?.kind == .inputOutput)
    }

    @Test func `constraint failures name the constraint and no value`() throws {
        let session = try SQLiteSession(options: options)
        try session.executeScript(
            """
            CREATE TABLE p (id INTEGER PRIMARY KEY, k TEXT NOT NULL UNIQUE CHECK (k <> 'bad'));
            CREATE TABLE c (id INTEGER PRIMARY KEY REFERENCES p (id));
            INSERT INTO p VALUES (1, 'DOE^JANE');
            """)
        func kind(_ sql: SQL) -> DatabaseFailureKind? {
            let error = #expect(throws: SQLiteError.self) { try session.execute(sql) }
            #expect(error?.description.contains("DOE") == false)
            return error?.kind
        }
        #expect(kind("INSERT INTO p VALUES (2, \("DOE^JANE"))") == .uniqueViolation)
        #expect(kind("INSERT INTO p VALUES (3, NULL)") == .notNullViolation)
        #expect(kind("INSERT INTO p VALUES (3, 'bad')") == .checkViolation)
        #expect(kind("INSERT INTO c VALUES (9)") == .foreignKeyViolation)
        #expect(kind("SELECT absent FROM p") == .undefinedName)
        #expect(kind("SELEC 1") == .syntax)
    }

    @Test func `rows changed are counted, and a query changes none`() throws {
        let session = try SQLiteSession(options: options)
        try session.executeScript("CREATE TABLE t (i INTEGER)")
        #expect(try session.execute("INSERT INTO t VALUES (1), (2), (3)") == 3)
        #expect(try session.execute("UPDATE t SET i = 9 WHERE i > 1") == 2)
        #expect(try session.execute("SELECT * FROM t") == 0)
        #expect(try session.execute("CREATE TABLE u (i INTEGER)") == 0)
    }

    @Test func `a stream gives all rows in batches and refuses other statements until it ends`() throws {
        let session = try SQLiteSession(options: options)
        let sql: SQL =
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < \(10)) SELECT i FROM n"
        try session.openStream(sql)
        #expect(try session.nextBatch(maxRows: 4)?.map { $0.values[0] } == [1, 2, 3, 4])
        let error = #expect(throws: SQLiteError.self) { try session.rows("SELECT 1") }
        #expect(error?.kind == .misuse)
        #expect(try session.nextBatch(maxRows: 4)?.count == 4)
        #expect(try session.nextBatch(maxRows: 4)?.count == 2)
        #expect(try session.nextBatch(maxRows: 4) == nil)
        #expect(try session.rows("SELECT 1").scalar == 1)
    }

    @Test func `a reader cannot write`() throws {
        _ = try SQLiteSession(options: options)
        let reader = try SQLiteSession(options: readOptions)
        let error = #expect(throws: SQLiteError.self) { try reader.execute("CREATE TABLE t (i INTEGER)") }
        #expect(error?.kind == .readOnly)
    }

    /// VACUUM INTO and ATTACH are no writes to the file that is open, so that opening it to read does not stop them.
    @Test func `a reader neither opens nor makes other files, and reads what it may`() throws {
        let writer = try SQLiteSession(options: options)
        try writer.executeScript("CREATE TABLE t (i INTEGER); INSERT INTO t VALUES (7)")
        let reader = try SQLiteSession(options: readOptions)
        let copy = folder.file("copy.sqlite")
        for text in ["VACUUM INTO '\(copy)'", "ATTACH '\(copy)' AS copy", "VACUUM", "ATTACH ':memory:' AS memory"] {
            let error = #expect(throws: SQLiteError.self) { try reader.rows(SQL(raw: text)) }
            #expect(error?.kind == .readOnly && error?.description.contains("another file") == true, "\(text)")
        }
        #expect(!FileManager.default.fileExists(atPath: copy))
        for text in [
            "SELECT i FROM t", "WITH a AS (SELECT i FROM t) SELECT i FROM a", "VALUES (7)", "EXPLAIN SELECT i FROM t",
            "PRAGMA table_info(t)", "PRAGMA journal_mode", "PRAGMA integrity_check",
        ] { #expect(try reader.rows(SQL(raw: text)).rows.isEmpty == false, "\(text)") }
        try writer.executeScript("VACUUM INTO '\(copy)'")
        #expect(FileManager.default.fileExists(atPath: copy))
    }
}
