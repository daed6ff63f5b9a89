package import SQLInterface

/// One connection to either engine.
///
/// Use it by one task at a time, in the scope of ``Warehouse/withConnection(_:_:)``. Every call suspends the task while
/// the connection's own thread works, so batch rows: a call per row costs more than the row.
/// Errors are ``DatabaseFailure``s; a cancelled task's statement is stopped and throws the kind `cancelled`.
package protocol WarehouseConnection: Sendable {
    nonisolated var engine: WarehouseEngine { get }

    /// Runs a statement to its end and returns how many rows it changed.
    @discardableResult
    func execute(_ sql: SQL) async throws -> Int

    /// Runs a statement and collects its rows.
    func rows(_ sql: SQL) async throws -> RowSet

    /// Runs several statements that have no parameters, such as a migration.
    func executeScript(_ text: String, name: String?) async throws

    /// Adds rows to a table: COPY in binary, or one prepared INSERT. Call it in a transaction.
    func load(table: String, columns: [String], rows: [[SQLValue]]) async throws

    /// Starts a query whose rows are fetched in batches. Prefer ``stream(_:batchRows:_:)``.
    func openStream(_ sql: SQL) async throws
    func nextBatch(maxRows: Int) async throws -> RowSet?
    func closeStream() async

    func begin(_ kind: TransactionKind) async throws
    func commit() async throws
    /// Undoes the transaction, if there is one. Works in a cancelled task.
    func rollback() async throws

    /// Claims a key until the transaction ends; false when another session has it.
    func claim(key: Int64) async throws -> Bool

    /// `false` lets a crash take back the last commits, for a load that can be run again; set it outside transactions.
    func setSynchronousCommit(_ isSynchronous: Bool) async throws

    /// Whether the next borrower may have the connection: alive, idle and in no transaction.
    func isReusable() async -> Bool

    func close() async throws
}

extension WarehouseConnection {
    /// Runs the body in a transaction: commits when it returns, rolls back when it throws or the task is cancelled.
    ///
    /// A snapshot is always rolled back: PostgreSQL 15 lets who only reads make large objects, and may not keep them.
    ///
    /// A commit that fails because the connection was lost may still have happened; run the work again, it is then
    /// found done.
    @discardableResult
    package func transaction<R>(
        _ kind: TransactionKind = .write, _ body: () async throws -> R
    ) async throws -> R {
        try await begin(kind)
        do {
            let result = try await body()
            try Task.checkCancellation()
            if kind == .snapshot { try await rollback() } else { try await commit() }
            return result
        } catch {
            // A rollback fails only with the connection, and then the server rolls back by itself.
            try? await rollback()
            throw error
        }
    }

    /// The rows of a statement that somebody typed; what else it does is undone, or refused.
    ///
    /// In SQLite a connection that reads does nothing else, and some statements need to be outside of a transaction.
    package func rowsAlone(_ sql: SQL) async throws -> RowSet {
        guard engine == .postgresql else { return try await rows(sql) }
        return try await transaction(.snapshot) { try await rows(sql) }
    }

    /// Gives the rows of a query to the body, batch by batch; the database waits while the body works.
    ///
    /// A batch has at most `batchRows` rows, and ends before that once its blobs and texts reach 1 MiB.
    /// Nothing else may run on the connection meanwhile. On PostgreSQL, a body that throws inside a transaction leaves
    /// that transaction failed.
    package func stream(
        _ sql: SQL, batchRows: Int = 256, _ body: (RowSet) async throws -> Void
    ) async throws {
        try await openStream(sql)
        do {
            while let batch = try await nextBatch(maxRows: batchRows) { try await body(batch) }
        } catch {
            await closeStream()
            throw error
        }
    }
}
