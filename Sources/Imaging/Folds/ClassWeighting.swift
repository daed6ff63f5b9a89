/// How much a class weighs in the loss.
package enum ClassWeighting: String, Sendable, CaseIterable {
    case none
    /// n / (k × nₖ), as scikit-learn's `balanced`: all classes weigh the same together.
    case balanced
    /// The square root of that.
    case sqrt

    package func weight(count: Int, of total: Int, classes: Int) -> Double? {
        guard count > 0 else { return nil }
        let balanced = Double(total) / (Double(classes) * Double(count))
        return self == .sqrt ? balanced.squareRoot() : balanced
    }
}
