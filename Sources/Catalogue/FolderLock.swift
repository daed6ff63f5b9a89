internal import Glibc

/// Says of a folder that a process is making it: a file in it stays locked until that process ends, however it ends.
final class FolderLock: Sendable {
    static let name = ".slicehouse-lock"

    private let descriptor: Int32

    private init(_ descriptor: Int32) { self.descriptor = descriptor }

    deinit {
        // A child that was just forked holds a copy until it executes; closing ours would not release the lock.
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }

    /// Locks a folder of this process; nil where the file system has no locks, and then nobody takes it over.
    static func make(in folder: String) -> FolderLock? {
        let path = folder + "/" + name
        let unlocked = path + ".new"
        let descriptor = unsafe open(unlocked, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { return nil }
        let lock = FolderLock(descriptor)
        // It takes its name when it is locked, so that no other process can come first.
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0, unsafe rename(unlocked, path) == 0 else { return nil }
        return lock
    }

    /// Locks a folder whose process has ended; nil for one whose process goes on, and for one that was never locked.
    static func takeOver(_ folder: String) -> FolderLock? {
        let descriptor = unsafe open(folder + "/" + name, O_RDWR | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        let lock = FolderLock(descriptor)
        return flock(descriptor, LOCK_EX | LOCK_NB) == 0 ? lock : nil
    }
}
