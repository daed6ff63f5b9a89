import Analysis
import Glibc
import Synchronization

/// Shows which series is being denoised, what is being done, and how long the rest will take: a line on a terminal, one
/// line a series elsewhere.
final class DenoiseProgress: Sendable {
    private let total: Int
    private let isQuiet: Bool
    private let startedAt = ContinuousClock.now
    private let doneCount = Mutex(0)

    init(total: Int, isQuiet: Bool) {
        self.total = total
        self.isQuiet = isQuiet
    }

    func follow<R>(_ seriesID: Int64, _ body: (@escaping (DenoiseStep, Double?) -> Void) async throws -> R) async throws
        -> R
    {
        let done = doneCount.withLock { $0 }
        if !isQuiet, !Terminal.errorIsTerminal {
            Terminal.say("series \(seriesID) (\(done + 1) of \(total))\(left(done))")
        }
        defer {
            doneCount.withLock { $0 += 1 }
            if !isQuiet, Terminal.errorIsTerminal { Terminal.write("\r\u{1B}[K", to: STDERR_FILENO) }
        }
        return try await body { step, share in self.show(seriesID, done, step, share) }
    }

    private func show(_ seriesID: Int64, _ done: Int, _ step: DenoiseStep, _ share: Double?) {
        guard !isQuiet, Terminal.errorIsTerminal else { return }
        let part = share.map { " \(Int($0 * 100))%" } ?? ""
        Terminal.write(
            "\r\u{1B}[K\(done + 1)/\(total) series \(seriesID): \(step.rawValue)\(part)\(left(done))", to: STDERR_FILENO
        )
    }

    /// From the series that are done; nothing is known before the first.
    private func left(_ done: Int) -> String {
        guard done > 0 else { return "" }
        let seconds = (ContinuousClock.now - startedAt) / .seconds(1) / Double(done) * Double(total - done)
        return seconds < 90 ? ", \(Int(seconds)) s left" : ", \(Int(seconds / 60)) min left"
    }
}
