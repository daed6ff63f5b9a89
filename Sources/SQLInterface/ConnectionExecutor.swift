internal import Dispatch

/// Runs the jobs of one connection in order on a queue of its own.
///
/// Database calls block. On the shared pool they would starve everybody else, so each connection is an actor with this
/// executor. (`DispatchSerialQueue`, which could serve directly, does not exist on Linux.)
package final class ConnectionExecutor: SerialExecutor {
    private let queue: DispatchQueue

    package init(label: String) {
        queue = DispatchQueue(label: label)
    }

    package func enqueue(_ job: consuming ExecutorJob) {
        let unowned = UnownedJob(job)
        let executor = unsafe asUnownedSerialExecutor()
        queue.async { unsafe unowned.runSynchronously(on: executor) }
    }
}
