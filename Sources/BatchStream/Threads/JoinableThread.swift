internal import CFloatEnvironment
internal import Glibc

/// A POSIX thread; whoever starts it joins it.
@safe struct JoinableThread: Sendable {
    private let handle: pthread_t

    /// Starts a thread with all signals blocked but those of its own faults: the others belong to the program that loads
    /// us. Its floating-point environment is the default one: a thread of TensorFlow would hand on its own, which makes
    /// subnormal numbers zero.
    ///
    /// **Throws** `resources`.
    init(_ body: @escaping @Sendable () -> Void) throws(StreamError) {
        let box = unsafe Unmanaged.passRetained(Body(body))
        var handle = pthread_t()
        var all = sigset_t()
        var old = sigset_t()
        unsafe sigfillset(&all)
        for fault in [SIGBUS, SIGSEGV, SIGFPE, SIGILL] { unsafe sigdelset(&all, fault) }
        unsafe pthread_sigmask(SIG_SETMASK, &all, &old)
        let status = unsafe pthread_create(
            &handle, nil,
            { raw in
                guard let raw = unsafe raw else { return nil }
                float_environment_reset()
                unsafe Unmanaged<Body>.fromOpaque(raw).takeRetainedValue().run()
                return nil
            }, box.toOpaque())
        unsafe pthread_sigmask(SIG_SETMASK, &old, nil)
        guard status == 0 else {
            unsafe box.release()
            throw StreamError(.resources, "The stream cannot start a thread: the system's limit is reached.")
        }
        self.handle = handle
    }

    /// To be called once.
    func join() { pthread_join(handle, nil) }

    private final class Body: Sendable {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }
}
