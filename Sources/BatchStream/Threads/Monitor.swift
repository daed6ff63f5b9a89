internal import Glibc

/// A value that threads take turns with, and wait on each other for.
///
/// POSIX threads rather than Swift concurrency or Dispatch: what a process has run before it forks must not matter.
// @unchecked: `state` is touched under `mutex` only.
@safe final class Monitor<State>: @unchecked Sendable {
    private var state: State
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let condition: UnsafeMutablePointer<pthread_cond_t>

    init(_ state: State) {
        self.state = state
        unsafe mutex = .allocate(capacity: 1)
        unsafe condition = .allocate(capacity: 1)
        unsafe pthread_mutex_init(mutex, nil)
        var attributes = pthread_condattr_t()
        unsafe pthread_condattr_init(&attributes)
        unsafe pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        unsafe pthread_cond_init(condition, &attributes)
        unsafe pthread_condattr_destroy(&attributes)
    }

    deinit {
        unsafe pthread_cond_destroy(condition)
        unsafe pthread_mutex_destroy(mutex)
        unsafe condition.deallocate()
        unsafe mutex.deallocate()
    }

    /// Changes the state and wakes everybody who waits for a change.
    func change<R>(_ body: (inout State) throws -> R) rethrows -> R {
        unsafe pthread_mutex_lock(mutex)
        defer {
            unsafe pthread_cond_broadcast(condition)
            unsafe pthread_mutex_unlock(mutex)
        }
        return try body(&state)
    }

    /// Waits until the body has an answer; nil when the time is over.
    ///
    /// - Parameter milliseconds: nil waits without end.
    func wait<R>(milliseconds: Int? = nil, for answer: (inout State) -> R?) -> R? {
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        var deadline = timespec()
        if let milliseconds {
            unsafe clock_gettime(CLOCK_MONOTONIC, &deadline)
            let nanoseconds = deadline.tv_nsec + milliseconds % 1_000 * 1_000_000
            deadline.tv_sec += milliseconds / 1_000 + nanoseconds / 1_000_000_000
            deadline.tv_nsec = nanoseconds % 1_000_000_000
        }
        while true {
            if let result = answer(&state) {
                unsafe pthread_cond_broadcast(condition)
                return result
            }
            let status =
                milliseconds == nil
                ? unsafe pthread_cond_wait(condition, mutex)
                : unsafe pthread_cond_timedwait(condition, mutex, &deadline)
            if status == ETIMEDOUT { return answer(&state) }
        }
    }
}
