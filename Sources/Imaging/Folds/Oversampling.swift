/// How often samples of a class occur in an epoch.
package enum Oversampling: Sendable, Hashable {
    case none
    /// Each class as often as fits a whole number of times into the largest.
    case balanced
    /// Positive samples this often.
    case times(Int)

    package init?(parsing text: String) {
        switch text {
        case "none": self = .none
        case "balanced": self = .balanced
        default:
            guard let times = Int(text), (2...1_000).contains(times) else { return nil }
            self = .times(times)
        }
    }

    package var text: String {
        switch self {
        case .none: "none"
        case .balanced: "balanced"
        case .times(let count): String(count)
        }
    }

    /// How often a sample of each class occurs, by the samples of each in the training folds.
    package func timesByClass(_ counts: [String: Int]) -> [String: Int] {
        switch self {
        case .none: return [:]
        case .times(let count): return ["positive": count]
        case .balanced:
            let most = counts.values.max() ?? 0
            // Halves go up; a class of one in a million would otherwise fill the epoch with one sample.
            return counts.filter { $0.value > 0 }.mapValues { min(1_000, max(1, (2 * most + $0) / (2 * $0))) }
        }
    }
}
