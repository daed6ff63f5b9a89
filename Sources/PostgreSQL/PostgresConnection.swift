package import SQLInterface

/// One connection to a PostgreSQL server, as an actor that runs on a queue of its own because its calls block.
///
/// Use it by one task at a time: a transaction belongs to the connection, not to the task. A task that is cancelled
/// cancels its statement on the server, which then fails with `cancelled`.
package actor PostgresConnection {
    private let executor: ConnectionExecutor
    private let session: PostgresSession
    private let gate: InterruptGate

    package nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

    /// Connects; see ``PostgresSession/init(options:)``.
    @concurrent
    package static func open(_ options: PostgresOptions) async throws(PostgresError) -> PostgresConnection {
        try PostgresConnection(options)
    }

    private init(_ options: PostgresOptions) throws(PostgresError) {
        executor = ConnectionExecutor(label: "postgresql")
        session = try PostgresSession(options: options)
        let canceller = PostgresCanceller(session.handle)
        gate = InterruptGate { canceller?.cancel() }
    }

    /// Runs a statement to its end and returns how many rows it changed.
    package func execute(_ sql: SQL) async throws(PostgresError) -> Int {
        try await interruptible { session throws(PostgresError) in try session.execute(sql) }
    }

    /// Runs a statement and collects its rows.
    package func rows(_ sql: SQL) async throws(PostgresError) -> RowSet {
        try await interruptible { session throws(PostgresError) in try session.rows(sql) }
    }

    /// Runs several statements that have no parameters, such as a migration.
    package func executeScript(_ text: String, name: String?) async throws(PostgresError) {
        try await interruptible { session throws(PostgresError) in try session.executeScript(text, name: name) }
    }

    /// Copies rows into a table with COPY in the binary format.
    package func load(table: String, columns: [String], rows: [[SQLValue]]) async throws(PostgresError) {
        try await interruptible { session throws(PostgresError) in
            try session.load(table: table, columns: columns, rows: rows)
        }
    }

    package func openStream(_ sql: SQL) async throws(PostgresError) {
        try await interruptible { session throws(PostgresError) in try session.openStream(sql) }
    }

    package func nextBatch(maxRows: Int) async throws(PostgresError) -> RowSet? {
        try await interruptible { session throws(PostgresError) in try session.nextBatch(maxRows: maxRows) }
    }

    /// Ends the stream. If rows are left the query is cancelled, which fails the transaction it is part of.
    package func closeStream() async {
        session.closeStream()
    }

    package func begin(_ kind: TransactionKind) async throws(PostgresError) {
        try session.begin(kind)
    }

    /// Not interruptible: a commit cut short may or may not have happened.
    package func commit() async throws(PostgresError) {
        try session.commit()
    }

    /// Not interruptible: a cancelled task must be able to roll back.
    package func rollback() async throws(PostgresError) {
        try session.rollback()
    }

    /// Claims a key until the transaction ends; false when another session has it.
    package func claim(key: Int64) async throws(PostgresError) -> Bool {
        let rows = try await rows("SELECT pg_try_advisory_xact_lock(\(key))")
        return rows.scalar == .boolean(true)
    }

    /// `true` makes each commit wait for the disk; `false` lets a crash of the server take back the last ones.
    package func setSynchronousCommit(_ isSynchronous: Bool) async throws(PostgresError) {
        try session.executeCommand("SET synchronous_commit TO \(isSynchronous ? "on" : "off")")
    }

    /// What the server remarked since the last call. May repeat values of rows.
    package func takeNotices() async -> [String] {
        session.takeNotices()
    }

    /// Whether the connection is alive and nothing is left open on it.
    package func isReusable() async -> Bool {
        !session.isLost && !session.isInTransaction && !session.isStreaming
    }

    /// Logs out. Every later call fails with `connection`.
    package func close() async throws(PostgresError) {
        session.close()
    }

    private func interruptible<R: Sendable>(
        _ body: (PostgresSession) throws(PostgresError) -> R
    ) async throws(PostgresError) -> R {
        guard !Task.isCancelled else {
            throw PostgresError(kind: .cancelled, reason: "the statement was cancelled")
        }
        let outcome: Result<R, PostgresError> = await withTaskCancellationHandler {
            gate.enter()
            defer { gate.leave() }
            return Result { () throws(PostgresError) in try body(session) }
        } onCancel: {
            gate.fire()
        }
        return try outcome.get()
    }
}
