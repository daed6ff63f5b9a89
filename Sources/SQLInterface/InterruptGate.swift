internal import Synchronization

/// Lets a cancelled task interrupt the statement it waits for, and never the one after it.
///
/// The interrupt is sent only while a statement runs; a statement that ends waits for an interrupt under way.
package final class InterruptGate: Sendable {
    private let isRunning = Mutex(false)
    private let interrupt: @Sendable () -> Void

    /// - Parameter interrupt: Stops the running statement; called from any thread, never twice at once.
    package init(interrupt: @escaping @Sendable () -> Void) {
        self.interrupt = interrupt
    }

    package func enter() {
        isRunning.withLock { $0 = true }
    }

    package func leave() {
        isRunning.withLock { $0 = false }
    }

    package func fire() {
        isRunning.withLock { if $0 { interrupt() } }
    }
}
