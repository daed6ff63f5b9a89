internal import Foundation

/// Threads for work that occupies a core and blocks on files.
///
/// On the threads of Swift's tasks such work would stand in the way of the writer: each of its steps would queue behind
/// all files that wait to be read.
final class ReaderPool: Sendable {
    private let queue: OperationQueue

    /// - Parameter workers: Threads, and so files read at the same time.
    init(workers: Int) {
        queue = OperationQueue()
        queue.name = "reader"
        // Another class than that of tasks, which would share its threads.
        queue.qualityOfService = .utility
        queue.maxConcurrentOperationCount = workers
    }

    /// Runs the body on one of the threads, in the order of the calls.
    func run<Result: Sendable>(_ body: @escaping @Sendable () -> Result) async -> Result {
        await withCheckedContinuation { continuation in
            queue.addOperation { continuation.resume(returning: body()) }
        }
    }
}
