import Synchronization
import Glibc

/// One line that counts up on a terminal; nothing elsewhere.
final class CountLine: Sendable {
    private let verb: String
    private let unit: String
    private let isShown: Bool
    private let startedAt = ContinuousClock.now
    private let shownAt = Mutex(ContinuousClock.now - .seconds(1))

    init(verb: String, unit: String, isQuiet: Bool) {
        self.verb = verb
        self.unit = unit
        isShown = Terminal.errorIsTerminal && !isQuiet
    }

    func show(done: Int, total: Int) {
        guard isShown else { return }
        let now = ContinuousClock.now
        let isDue = shownAt.withLock { last in
            guard now - last >= .milliseconds(100) || done == total else { return false }
            last = now
            return true
        }
        guard isDue else { return }
        let rate = Int(Double(done) / max(0.001, (now - startedAt) / .seconds(1)))
        Terminal.write("\r\u{1B}[K\(verb) \(done)/\(total) \(unit), \(rate)/s", to: STDERR_FILENO)
    }

    func finish() {
        if isShown { Terminal.write("\r\u{1B}[K", to: STDERR_FILENO) }
    }
}
