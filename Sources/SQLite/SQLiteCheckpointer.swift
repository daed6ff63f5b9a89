internal import GRDB
internal import GRDBSQLite
internal import Synchronization

/// Folds the log of a file into the file, on a thread and connection of its own, while the writer goes on.
///
/// A checkpoint copies every page a second time. Done by the writer after its commit, as SQLite does by itself, it made
/// a third of the time of a large load, in which everything else waited.
///
/// **Source** https://www.sqlite.org/wal.html, sections 2.1 and 6
final class SQLiteCheckpointer: Sendable {
    /// Pages in the log from which a checkpoint is worth its sync: 32 MiB.
    private static let worthwhilePageCount: Int32 = 2_048
    /// Pages in the log at which the writer waits: only a log that is folded in wholly begins anew. 256 MiB.
    private static let pageLimit: Int32 = 16_384

    private let queue: DatabaseQueue
    private let isRunning = Mutex(false)

    init(options: SQLiteOptions) throws {
        var configuration = Configuration()
        configuration.label = options.name + " checkpoint"
        configuration.busyMode = .timeout(Double(options.busyTimeoutMilliseconds) / 1000)
        configuration.prepareDatabase { database in
            try database.execute(sql: "PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 0")
        }
        queue = try DatabaseQueue(path: options.path, configuration: configuration)
    }

    /// Takes over the checkpoints of a connection, which must not outlive this object.
    func attend(to database: Database) {
        let checkpointer = unsafe Unmanaged.passUnretained(self).toOpaque()
        // It replaces the hook by which SQLite makes its own checkpoints.
        _ = unsafe sqlite3_wal_hook(
            database.sqliteConnection,
            { context, _, _, pages in
                if let context = unsafe context {
                    unsafe Unmanaged<SQLiteCheckpointer>.fromOpaque(context).takeUnretainedValue().logHas(pages)
                }
                return SQLITE_OK
            }, checkpointer)
    }

    /// Called after each commit, on the writer's thread.
    private func logHas(_ pages: Int32) {
        if pages >= Self.pageLimit { return queue.writeWithoutTransaction(Self.checkpoint) }
        guard pages >= Self.worthwhilePageCount else { return }
        let isFree = isRunning.withLock { isRunning in
            defer { isRunning = true }
            return !isRunning
        }
        guard isFree else { return }
        queue.asyncWriteWithoutTransaction { [self] database in
            Self.checkpoint(database)
            isRunning.withLock { $0 = false }
        }
    }

    /// A failure is no loss: the commit is in the log, and who opens the file next folds it in.
    private static func checkpoint(_ database: Database) {
        _ = try? database.checkpoint(.passive)
    }

    /// Waits for the checkpoint that runs, and closes the connection, so that the writer's is the last one.
    func close() throws { try queue.close() }
}
