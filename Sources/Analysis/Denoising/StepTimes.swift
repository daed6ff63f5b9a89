/// How long each step of a run took.
final class StepTimes {
    private var current: (step: DenoiseStep, since: ContinuousClock.Instant)?
    /// Seconds by name of the step.
    private(set) var seconds: [String: Double] = [:]

    /// A step begins, or goes on; the one before it ends.
    func enter(_ step: DenoiseStep?) {
        guard step != current?.step else { return }
        let now = ContinuousClock.now
        if let current { seconds[current.step.rawValue, default: 0] += (now - current.since) / .seconds(1) }
        current = step.map { ($0, now) }
    }
}
