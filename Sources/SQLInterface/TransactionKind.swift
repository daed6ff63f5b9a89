/// What a transaction is for.
package enum TransactionKind: Sendable {
    /// Reads and writes. SQLite takes its write lock at once; PostgreSQL works at READ COMMITTED.
    case write
    /// Reads one unchanging state of the database.
    case snapshot
}
