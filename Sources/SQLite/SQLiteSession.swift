internal import GRDB
package import SQLInterface
package import struct SQLInterface.SQL  // GRDB has an SQL too

/// One connection to an SQLite file, for use by one thread at a time; every call blocks.
///
/// ``SQLiteConnection`` wraps it for Swift concurrency; threads without it use the session itself.
///
/// GRDB opens, configures and closes the connection and keeps the prepared statements; rows are bound and read through
/// SQLite's C functions, since a 512 KiB blob should be copied once and not once per layer.
package final class SQLiteSession {
    package let options: SQLiteOptions
    let queue: DatabaseQueue
    private let writerLock: SQLiteWriterLock?
    private let checkpointer: SQLiteCheckpointer?
    private var openStream: SQLiteStream?

    /// Opens the file.
    ///
    /// **Throws** `databaseMissing`, `locked` (a second writer), `notADatabase`, `permission`, `inputOutput`.
    package init(options: SQLiteOptions) throws(SQLiteError) {
        self.options = options
        try Self.checkFile(options)
        switch options.access {
        case .write where !options.isPrivate: writerLock = try SQLiteWriterLock(options: options)
        default: writerLock = nil
        }
        queue = try Self.open(options)
        checkpointer = writerLock == nil ? nil : try Self.checkpointer(of: queue, options)
    }

    /// Runs a statement to its end and returns how many rows it changed.
    package func execute(_ sql: SQL) throws(SQLiteError) -> Int {
        try prepared(sql) { statement throws(SQLiteError) in
            let before = statement.totalChanges
            while try statement.step() {}
            return statement.totalChanges == before ? 0 : statement.changes
        }
    }

    /// Runs a statement and collects its rows.
    package func rows(_ sql: SQL) throws(SQLiteError) -> RowSet {
        try prepared(sql) { statement throws(SQLiteError) in
            var rows: [[SQLValue]] = []
            while try statement.step() { rows.append(statement.row()) }
            return RowSet(columns: statement.columnNames, rows: rows)
        }
    }

    /// Runs several statements that have no parameters, such as a migration.
    package func executeScript(_ text: String, name: String? = nil) throws(SQLiteError) {
        try refuseWhileStreaming()
        try access(name: name) { database in try database.execute(sql: text) }
    }

    /// Inserts rows through one prepared statement. Call it in a transaction.
    ///
    /// **Cost** one copy of each blob, into SQLite's pages.
    package func load(table: String, columns: [String], rows: [[SQLValue]]) throws(SQLiteError) {
        let names = columns.map(SQL.quoted).joined(separator: ", ")
        let places = (1...max(1, columns.count)).map { "$\($0)" }.joined(separator: ", ")
        var sql: SQL = "INSERT INTO \(identifier: table) (\(raw: names)) VALUES (\(raw: places))"
        sql.name = "load \(table)"
        try prepared(sql) { statement throws(SQLiteError) in
            for row in rows {
                precondition(row.count == columns.count, "a row has one value per column")
                try statement.insert(row)
            }
        }
    }

    // MARK: Streams

    /// Starts a query whose rows are fetched in batches; nothing else may run until it is closed.
    package func openStream(_ sql: SQL) throws(SQLiteError) {
        try refuseWhileStreaming()
        openStream = try access(name: sql.name) { database in
            let statement = PreparedStatement(
                try database.makeStatement(sql: sql.text), database: self.options.name, name: sql.name)
            try statement.bind(sql.parameters)
            return SQLiteStream(statement: statement)
        }
    }

    /// The next rows, at most `maxRows` and about 1 MiB; nil when there are no more, which also closes the stream.
    package func nextBatch(maxRows: Int) throws(SQLiteError) -> RowSet? {
        guard let stream = openStream else { return nil }
        let batch = try access(name: stream.name) { _ in try stream.nextBatch(maxRows: maxRows) }
        if batch == nil { closeStream() }
        return batch
    }

    package func closeStream() {
        queue.unsafeReentrantRead { _ in openStream = nil }
    }

    // MARK: Transactions

    package func begin(_ kind: TransactionKind) throws(SQLiteError) {
        switch (kind, options.access) {
        case (.write, .write): try executeScript("BEGIN IMMEDIATE", name: "BEGIN")
        default:
            try executeScript("BEGIN DEFERRED", name: "BEGIN")
            // A deferred transaction sees the state of its first read, so read now.
            _ = try rows("SELECT count(*) FROM sqlite_schema")
        }
    }

    package func commit() throws(SQLiteError) {
        try executeScript("COMMIT", name: "COMMIT")
    }

    /// Ends the transaction, if SQLite has not already done so (it does when the disk is full).
    package func rollback() throws(SQLiteError) {
        closeStream()
        try access(name: "ROLLBACK") { database in
            if database.isInsideTransaction { try database.execute(sql: "ROLLBACK") }
        }
    }

    package var isInTransaction: Bool {
        queue.unsafeReentrantRead { $0.isInsideTransaction }
    }

    package var isStreaming: Bool { openStream != nil }

    /// Closes the file. A last connection folds the log into the database.
    package func close() throws(SQLiteError) {
        closeStream()
        do {
            try checkpointer?.close()
            try queue.close()
        } catch {
            throw SQLiteError(error, database: options.name)
        }
    }

    // MARK: Access

    private func prepared<R>(
        _ sql: SQL, _ body: (PreparedStatement) throws(SQLiteError) -> R
    ) throws(SQLiteError) -> R {
        try refuseWhileStreaming()
        return try access(name: sql.name) { database in
            let statement = PreparedStatement(
                try database.cachedStatement(sql: sql.text), database: self.options.name, name: sql.name)
            defer { statement.reset() }
            try statement.bind(sql.parameters)
            return try body(statement)
        }
    }

    private func refuseWhileStreaming() throws(SQLiteError) {
        guard openStream == nil else {
            throw SQLiteError(
                kind: .misuse, database: options.name,
                reason: "a query still streams on this connection; finish it or use another connection")
        }
    }

    func access<R>(name: String?, _ body: (Database) throws -> R) throws(SQLiteError) -> R {
        do {
            return try queue.writeWithoutTransaction(body)
        } catch let error as SQLiteError {
            throw error
        } catch {
            throw SQLiteError(error, database: options.name, statementName: name)
        }
    }
}
