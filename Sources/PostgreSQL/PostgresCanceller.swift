internal import CLibPQ

/// Asks the server, over a connection of its own, to cancel what a session is running.
// @unchecked: libpq promises that PQcancel may be called from any thread, and the object never changes.
@safe final class PostgresCanceller: @unchecked Sendable {
    private let pointer: OpaquePointer

    /// Nil when there is no memory or no connection.
    init?(_ handle: PostgresHandle) {
        guard let pointer = unsafe PQgetCancel(handle.pointer) else { return nil }
        unsafe self.pointer = pointer
    }

    deinit {
        unsafe PQfreeCancel(pointer)
    }

    /// A request that fails is of no consequence: the statement then runs to its end.
    func cancel() {
        var message = [CChar](repeating: 0, count: 256)
        _ = unsafe PQcancel(pointer, &message, Int32(message.count))
    }
}
