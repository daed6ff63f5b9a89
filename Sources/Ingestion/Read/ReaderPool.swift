internal import Foundation
internal import Synchronization

/// Threads for work that occupies a core and blocks on files.
///
/// On the threads of Swift's tasks such work would stand in the way of the writer: each of its steps would queue behind
/// all files that wait to be read; and there are never more of them than cores.
final class ReaderPool: Sendable {
    private typealias Job = @Sendable () -> Void

    private let jobs = JobQueue()

    /// - Parameter workers: Threads, and so files read at the same time.
    init(workers: Int) {
        for number in 1...max(1, workers) {
            let thread = Thread { [jobs] in
                while let job = jobs.next() { job() }
            }
            thread.name = "reader \(number)"
            thread.start()
        }
    }

    deinit { jobs.close() }

    /// Runs the body on one of the threads, in the order of the calls.
    func run<Result: Sendable>(_ body: @escaping @Sendable () -> Result) async -> Result {
        await withCheckedContinuation { continuation in
            jobs.add { continuation.resume(returning: body()) }
        }
    }

    /// First in, first out; who finds it empty waits.
    private final class JobQueue: Sendable {
        private let waiting = Mutex([Job]())
        /// How many there are; one more once the queue is closed.
        private let count = DispatchSemaphore(value: 0)

        func add(_ job: @escaping Job) {
            waiting.withLock { $0.append(job) }
            count.signal()
        }

        /// `nil` once the queue is closed and empty.
        func next() -> Job? {
            count.wait()
            let job = waiting.withLock { $0.isEmpty ? nil : $0.removeFirst() }
            // The signal was that of the end: pass it on to the next thread.
            if job == nil { count.signal() }
            return job
        }

        func close() { count.signal() }
    }
}
