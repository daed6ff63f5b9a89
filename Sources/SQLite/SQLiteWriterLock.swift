internal import Glibc
internal import SQLInterface

/// The right to write to one SQLite file, held by at most one process.
///
/// SQLite's own lock is held only during a transaction, so two runs would interleave and each would wait for the other
/// batch by batch. This one is a `flock` on a file beside the database (`<path>-writer`); the kernel releases it when
/// the process ends, however it ends. The file stays: removing it would let two processes lock two different files.
final class SQLiteWriterLock: Sendable {
    private let descriptor: Int32

    /// **Throws** `locked` when another process (or another writer in this one) holds the lock.
    init(options: SQLiteOptions) throws(SQLiteError) {
        let path = options.path + "-writer"
        descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw Self.cannotOpen(options, errorNumber: errno) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            // The object is complete, so its deinit closes the descriptor.
            let errorNumber = errno
            guard errorNumber == EWOULDBLOCK else { throw Self.cannotOpen(options, errorNumber: errorNumber) }
            throw SQLiteError(
                kind: .locked, database: options.name,
                reason: "another slicehouse process is writing to it; run the command again when that one has ended")
        }
    }

    deinit {
        guard descriptor >= 0 else { return }
        // A child that was just forked holds a copy until it executes; closing ours would not release the lock.
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }

    private static func cannotOpen(_ options: SQLiteOptions, errorNumber: Int32) -> SQLiteError {
        let kind: DatabaseFailureKind =
            switch errorNumber {
            case EACCES, EPERM: .permission
            case EROFS: .readOnly
            case ENOSPC, EDQUOT: .diskFull
            default: .inputOutput
            }
        let cause = unsafe String(cString: strerror(errorNumber))
        return SQLiteError(
            kind: kind, database: options.name,
            reason: "its writer lock cannot be made (\(cause)); check that the folder exists and may be written")
    }
}
