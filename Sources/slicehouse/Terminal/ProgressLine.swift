import Glibc
import Ingestion
import Synchronization

/// Shows how a run goes: a bar on a terminal, one line a phase elsewhere.
final class ProgressLine: IngestObserver {
    private struct State {
        var phase: IngestPhase?
        var done = 0
        var shownAt = ContinuousClock.now
        var startedAt = ContinuousClock.now
        var updatedAt = ContinuousClock.now
        var isShown = false
    }

    /// Messages shown one by one; a folder of ten thousand bad files should not scroll the summary away.
    private static let noticeLimit = 20
    private let noticeCount = Mutex(0)

    private let state = Mutex(State())
    private let isTerminal: Bool
    private let isQuiet: Bool
    private static let interval = Duration.milliseconds(100)

    init(isTerminal: Bool = Terminal.errorIsTerminal, isQuiet: Bool = false) {
        self.isTerminal = isTerminal
        self.isQuiet = isQuiet
    }

    func progress(_ phase: IngestPhase, done: Int, total: Int?) {
        guard !isQuiet else { return }
        state.withLock { state in
            let now = ContinuousClock.now
            if state.phase != phase {
                // A phase began when the one before it ended; its first message comes when some of it is done.
                let start = state.phase == nil ? state.startedAt : state.updatedAt
                finishPhase(&state)
                state = State(phase: phase, done: done, shownAt: now - .seconds(1), startedAt: start)
            }
            state.done = done
            state.updatedAt = now
            guard isTerminal, now - state.shownAt >= Self.interval || done == total else { return }
            state.shownAt = now
            state.isShown = true
            Terminal.write(
                "\r\u{1B}[K" + line(phase, done: done, total: total, since: state.startedAt), to: STDERR_FILENO)
        }
    }

    func notice(_ sentence: String) {
        let number = noticeCount.withLock { count in
            count += 1
            return count
        }
        guard number <= Self.noticeLimit + 1 else { return }
        state.withLock { state in
            clear(&state)
            Terminal.say(
                number <= Self.noticeLimit
                    ? sentence : "Further messages of this kind: slicehouse status --rejected, slicehouse sql findings")
        }
    }

    /// Ends the last phase's line.
    func finish() {
        state.withLock { finishPhase(&$0) }
    }

    private func line(_ phase: IngestPhase, done: Int, total: Int?, since start: ContinuousClock.Instant) -> String {
        let seconds = max(0.001, (ContinuousClock.now - start) / .seconds(1))
        let rate = Int(Double(done) / seconds)
        guard let total, total > 0 else { return "\(phase.rawValue) \(done) \(phase.unit), \(rate)/s" }
        let share = min(1, Double(done) / Double(total))
        let left = share > 0 ? Int(seconds / share * (1 - share)) : 0
        let counts = " \(Int(share * 100))%  \(done)/\(total)  \(rate)/s  \(left) s left"
        let room = (Terminal.columns(of: STDERR_FILENO) ?? 80) - phase.rawValue.count - counts.count - 2
        guard room >= 4 else { return String((phase.rawValue + counts).prefix(max(8, room + counts.count))) }
        let length = min(24, room)
        let filled = Int(share * Double(length))
        let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: length - filled)
        return "\(phase.rawValue) \(bar)\(counts)"
    }

    private func finishPhase(_ state: inout State) {
        clear(&state)
        if !isTerminal, !isQuiet, let phase = state.phase {
            Terminal.say("\(phase.rawValue): \(state.done) \(phase.unit)")
        }
        state.phase = nil
    }

    private func clear(_ state: inout State) {
        if state.isShown { Terminal.write("\r\u{1B}[K", to: STDERR_FILENO) }
        state.isShown = false
    }
}
