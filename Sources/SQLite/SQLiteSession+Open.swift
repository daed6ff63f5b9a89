internal import GRDB
internal import GRDBSQLite
internal import Glibc
internal import SQLInterface

extension SQLiteSession {
    /// Tells the missing file from the unreadable one, which SQLite reports alike.
    static func checkFile(_ options: SQLiteOptions) throws(SQLiteError) {
        guard !options.isPrivate else { return }
        guard !isFolder(options.path) else {
            throw SQLiteError(
                kind: .inputOutput, database: options.name,
                reason: "it is a folder, and a warehouse is a file; name one in it, such as sqlite:FOLDER/ich.sqlite")
        }
        if let folder = missingFolder(above: options.path) {
            throw SQLiteError(
                kind: options.access == .write(create: true) ? .inputOutput : .databaseMissing, database: options.name,
                reason: "there is no folder \(folder); make it, or name another place by --database sqlite:PATH")
        }
        guard options.access != .write(create: true) else { return }
        guard unsafe Glibc.access(options.path, F_OK) == 0 else {
            throw SQLiteError(
                kind: .databaseMissing, database: options.name,
                reason: "there is no such file, and so no warehouse; run slicehouse ingest FOLDER to make one here, or "
                    + "name another by --database sqlite:PATH")
        }
        guard unsafe Glibc.access(options.path, R_OK) == 0 else {
            throw SQLiteError(
                kind: .permission, database: options.name,
                reason: "the file may not be read; check its permissions")
        }
    }

    private static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// The topmost folder of a path that does not exist: what was typed wrong. Messages name no folder that does exist.
    private static func missingFolder(above path: String) -> String? {
        var missing: String?
        var rest = path[...]
        while let slash = rest.lastIndex(of: "/"), slash > rest.startIndex {
            rest = rest[..<slash]
            guard unsafe Glibc.access(String(rest), F_OK) != 0, errno == ENOENT else { break }
            missing = String(rest)
        }
        return missing
    }

    static func open(_ options: SQLiteOptions) throws(SQLiteError) -> DatabaseQueue {
        var configuration = Configuration()
        configuration.label = options.name
        configuration.readonly = options.access == .read && !options.isPrivate
        configuration.foreignKeysEnabled = true
        configuration.busyMode = .timeout(Double(options.busyTimeoutMilliseconds) / 1000)
        // Transactions outlive one access to the queue: they are begun and ended by calls of their own.
        configuration.allowsUnsafeTransactions = true
        configuration.prepareDatabase { database in try configure(database, options) }
        do {
            return try DatabaseQueue(path: fileName(options), configuration: configuration)
        } catch {
            throw SQLiteError(error, database: options.name)
        }
    }

    /// The path, or a URI that says that nobody changes the file: where the folder may not be written there can be no
    /// shared memory beside it, and where no log lies there is nothing to share.
    private static func fileName(_ options: SQLiteOptions) -> String {
        guard options.access == .read, !options.isPrivate else { return options.path }
        let folder = options.path.lastIndex(of: "/").map { String(options.path[...$0]) } ?? "."
        var log = stat()
        let hasLog = unsafe stat(options.path + "-wal", &log) == 0 && log.st_size > 0
        guard unsafe Glibc.access(folder, W_OK) != 0, !hasLog else { return options.path }
        return "file:\(escaped(options.path))?immutable=1"
    }

    /// **Source** https://www.sqlite.org/uri.html
    private static func escaped(_ path: String) -> String {
        path.replacing("%", with: "%25").replacing("?", with: "%3f").replacing("#", with: "%23")
    }

    private static func configure(_ database: Database, _ options: SQLiteOptions) throws {
        if let limit = options.maximumPageCount {
            try database.execute(sql: "PRAGMA max_page_count = \(limit)")
        }
        guard options.access != .read else { return forbidOtherFiles(database) }
        try database.execute(sql: "PRAGMA page_size = \(SQLiteOptions.pageSize)")
        try database.execute(sql: "PRAGMA journal_mode = WAL")
        try database.execute(sql: "PRAGMA synchronous = NORMAL")
    }

    /// A file that is opened to read lets ATTACH open others and VACUUM INTO write them. Both attach a database, of which
    /// there may then be none; they fail before they touch a file. (The authorizer is taken: GRDB replaces it.)
    private static func forbidOtherFiles(_ database: Database) {
        _ = unsafe sqlite3_limit(database.sqliteConnection, SQLITE_LIMIT_ATTACHED, 0)
    }

    static func checkpointer(
        of queue: DatabaseQueue, _ options: SQLiteOptions
    ) throws(SQLiteError) -> SQLiteCheckpointer {
        do {
            let checkpointer = try SQLiteCheckpointer(options: options)
            queue.writeWithoutTransaction { database in checkpointer.attend(to: database) }
            return checkpointer
        } catch {
            throw SQLiteError(error, database: options.name)
        }
    }
}

extension SQLiteError {
    /// Adopts an error that GRDB threw.
    init(_ error: any Error, database: String, statementName: String? = nil) {
        guard let error = error as? GRDB.DatabaseError else {
            self.init(
                kind: .other, database: database, statementName: statementName,
                reason: "the SQLite library failed", message: String(describing: type(of: error)))
            return
        }
        self.init(
            resultCode: error.extendedResultCode.rawValue, message: error.message ?? "", database: database,
            statementName: statementName)
    }
}
