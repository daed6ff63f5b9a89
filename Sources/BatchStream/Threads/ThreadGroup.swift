/// Threads that are joined together.
final class ThreadGroup: Sendable {
    private let threads = Monitor<ThreadList>(ThreadList())

    private final class ThreadList {
        var threads: [JoinableThread] = []
    }

    /// **Throws** `resources`.
    func start(_ body: @escaping @Sendable () -> Void) throws(StreamError) {
        let thread = try JoinableThread(body)
        threads.change { $0.threads.append(thread) }
    }

    /// Waits for all of them; a second call finds none.
    func join() {
        let list = threads.change { list in
            defer { list.threads = [] }
            return list.threads
        }
        for thread in list { thread.join() }
    }
}
