/// Strata that are large enough for every fold to get its share, and what was put together for that.
///
/// A stratum needs ⌈1 / smallest share⌉ units, so that the smallest fold gets one. Those with fewer become one stratum,
/// `merged`; while that is too small itself, the next smallest joins it (ties: the one whose name sorts first).
package struct StratumMerge: Sendable, Hashable {
    package struct Stratum: Sendable, Hashable {
        package let name: String
        /// Units of it.
        package let count: Int
    }

    /// A stratum that newcomers joined.
    package struct Growth: Sendable, Hashable {
        package let name: String
        package let newCount: Int
        /// Units of it, old and new.
        package let count: Int
    }

    package static let mergedName = "merged"

    /// Units that a stratum needs.
    package let minimumCount: Int
    /// Units by stratum that was merged, in order of name.
    package private(set) var merged: [Stratum] = []

    package init(counts: [String: Int], shares: [Double]) {
        // A share of 1/3 must not ask for four, and one of 1e-30 for no more than JSON can say.
        minimumCount = Int(min((1 / (shares.min() ?? 1) - 1e-9).rounded(.up), 0x1p53))
        var waiting = counts.sorted { ($0.value, $0.key) < ($1.value, $1.key) }
        var mergedCount = 0
        while let next = waiting.first,
            next.value < minimumCount || (mergedCount > 0 && mergedCount < minimumCount)
        {
            merged.append(Stratum(name: next.key, count: next.value))
            mergedCount += next.value
            waiting.removeFirst()
        }
        // One alone is merged with nothing, and keeps its name.
        if merged.count == 1 { merged = [] }
        merged.sort { $0.name < $1.name }
    }

    /// As it was stored with a split.
    init(minimumCount: Int, merged: [Stratum]) {
        self.minimumCount = minimumCount
        self.merged = merged
    }

    /// The stratum that a unit of this one is placed in.
    package func stratum(_ name: String) -> String {
        merged.contains { $0.name == name } ? Self.mergedName : name
    }

    /// For units that came after a split was made: strata that are still too small, newcomers included, are merged too.
    ///
    /// - Parameters:
    ///   - placed: Units that have their fold, by stratum.
    ///   - arriving: Newcomers, by stratum.
    package func extended(placed: [String: Int], arriving: [String: Int]) -> StratumMerge {
        var all = merged
        for name in Set(placed.keys).union(arriving.keys) where name != Self.mergedName {
            let count = (placed[name] ?? 0) + (arriving[name] ?? 0)
            if let index = all.firstIndex(where: { $0.name == name }) {
                all[index] = Stratum(name: name, count: all[index].count + (arriving[name] ?? 0))
            } else if count < minimumCount {
                all.append(Stratum(name: name, count: count))
            }
        }
        return StratumMerge(minimumCount: minimumCount, merged: all.sorted { $0.name < $1.name })
    }
}
