internal import GRDB
package import SQLInterface
package import struct SQLInterface.SQL  // GRDB has an SQL too

/// One connection to an SQLite file, as an actor that runs on a queue of its own because its calls block.
///
/// Use it by one task at a time: a transaction belongs to the connection, not to the task. A task that is cancelled
/// interrupts its statement, which then fails with `cancelled`.
package actor SQLiteConnection {
    package nonisolated let options: SQLiteOptions
    private let executor: ConnectionExecutor
    private let session: SQLiteSession
    private let gate: InterruptGate

    package nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

    /// Opens the file; see ``SQLiteSession/init(options:)``.
    @concurrent
    package static func open(_ options: SQLiteOptions) async throws(SQLiteError) -> SQLiteConnection {
        try SQLiteConnection(options)
    }

    private init(_ options: SQLiteOptions) throws(SQLiteError) {
        self.options = options
        executor = ConnectionExecutor(label: "sqlite.\(options.name)")
        session = try SQLiteSession(options: options)
        let queue = session.queue
        gate = InterruptGate { queue.interrupt() }
    }

    /// Runs a statement to its end and returns how many rows it changed.
    package func execute(_ sql: SQL) async throws(SQLiteError) -> Int {
        try await interruptible { session throws(SQLiteError) in try session.execute(sql) }
    }

    /// Runs a statement and collects its rows.
    package func rows(_ sql: SQL) async throws(SQLiteError) -> RowSet {
        try await interruptible { session throws(SQLiteError) in try session.rows(sql) }
    }

    /// Runs several statements that have no parameters, such as a migration.
    package func executeScript(_ text: String, name: String?) async throws(SQLiteError) {
        try await interruptible { session throws(SQLiteError) in try session.executeScript(text, name: name) }
    }

    /// Inserts rows through one prepared statement. Call it in a transaction.
    package func load(table: String, columns: [String], rows: [[SQLValue]]) async throws(SQLiteError) {
        try await interruptible { session throws(SQLiteError) in
            try session.load(table: table, columns: columns, rows: rows)
        }
    }

    package func openStream(_ sql: SQL) async throws(SQLiteError) {
        try session.openStream(sql)
    }

    package func nextBatch(maxRows: Int) async throws(SQLiteError) -> RowSet? {
        try await interruptible { session throws(SQLiteError) in try session.nextBatch(maxRows: maxRows) }
    }

    package func closeStream() async {
        session.closeStream()
    }

    package func begin(_ kind: TransactionKind) async throws(SQLiteError) {
        try session.begin(kind)
    }

    package func commit() async throws(SQLiteError) {
        try session.commit()
    }

    /// Not interruptible: a cancelled task must be able to roll back.
    package func rollback() async throws(SQLiteError) {
        try session.rollback()
    }

    /// SQLite has one writer, which therefore holds every claim.
    package func claim(key: Int64) async throws(SQLiteError) -> Bool {
        true
    }

    /// `true` makes each commit wait for the disk; `false` lets a power failure take back the last ones.
    package func setSynchronousCommit(_ isSynchronous: Bool) async throws(SQLiteError) {
        try session.executeScript("PRAGMA synchronous = \(isSynchronous ? "FULL" : "NORMAL")", name: "PRAGMA")
    }

    /// Whether nothing is left open on the connection.
    package func isReusable() async -> Bool {
        !session.isInTransaction && !session.isStreaming
    }

    package func close() async throws(SQLiteError) {
        try session.close()
    }

    private func interruptible<R: Sendable>(
        _ body: (SQLiteSession) throws(SQLiteError) -> R
    ) async throws(SQLiteError) -> R {
        guard !Task.isCancelled else {
            throw SQLiteError(kind: .cancelled, database: options.name, reason: "the statement was cancelled")
        }
        let outcome: Result<R, SQLiteError> = await withTaskCancellationHandler {
            gate.enter()
            defer { gate.leave() }
            return Result { () throws(SQLiteError) in try body(session) }
        } onCancel: {
            gate.fire()
        }
        return try outcome.get()
    }
}
