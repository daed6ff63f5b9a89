/// How many of k singular values a fraction dropped leaves.
///
/// Value i is kept while i < round(k − k·f), ties to even, so that k = 245 keeps 245, 243, 233, 220 and 172 for 0.1%, 1%,
/// 5%, 10% and 30%. The fraction is of the k values computed, which says nothing about energy: that is reported beside it.
package struct DropLevel: Sendable, Equatable {
    package let droppedFraction: Double
    package let keptCount: Int
    package let zeroedCount: Int

    /// The levels of the system that this replaces.
    package static let defaultFractions = [0.001, 0.01, 0.05, 0.1, 0.3]

    package init(droppedFraction: Double, of count: Int) {
        self.droppedFraction = droppedFraction
        let rest = Double(count) - Double(count) * droppedFraction
        keptCount = max(0, min(count, Int(rest.rounded(.toNearestOrEven))))
        zeroedCount = count - keptCount
    }
}
