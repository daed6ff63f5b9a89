internal import COpenBLAS
internal import Synchronization

/// How many threads OpenBLAS uses inside one call. It is one number for the whole process.
///
/// Passes over tall matrices run one call per core at a time, each on one thread: their result then depends on how the
/// rows are cut and not on how many cores there are. The small dense problems at the end have all cores to themselves.
package enum BLASThreads {
    private static let lock = Mutex(0)

    /// Sets the number for a dense problem of a side: below 512 the threads would wait for each other longer than they work,
    /// above all where other programs want the cores too.
    static func use(_ count: Int, forSide side: Int) { use(side < 512 ? 1 : count) }

    /// Sets the number for all calls that begin from now on.
    package static func use(_ count: Int) {
        lock.withLock { last in
            guard last != count else { return }
            openblas_set_num_threads(Int32(max(1, count)))
            last = count
        }
    }
}
