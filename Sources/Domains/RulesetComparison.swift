/// What would change if one ruleset took the place of another: the preview of `slicehouse domains clean`.
package struct RulesetComparison: Sendable, Equatable {
    /// A distinct raw value that the two rulesets read differently.
    package struct Change: Sendable, Equatable {
        /// `nil` for values that are missing.
        package let raw: String?
        /// The labels that hold it.
        package let count: Int
        /// `nil` where there was no earlier ruleset.
        package let before: CleanResult?
        package let after: CleanResult
    }

    /// The most frequent first, equals in the order of their bytes.
    package let changes: [Change]
    package let unchangedCount: Int

    package var changedCount: Int { changes.reduce(0) { $0 + $1.count } }

    /// Compares the readings of `values`, each distinct raw value with the number of its labels.
    ///
    /// Another rule or reason that leads to the same values in the same order is no change.
    package init(from old: Ruleset?, to new: Ruleset, values: some Sequence<(raw: String?, count: Int)>) {
        var changes: [Change] = []
        var unchangedCount = 0
        for (raw, count) in values {
            let change = Change(raw: raw, count: count, before: old?.clean(raw), after: new.clean(raw))
            if change.isReal { changes.append(change) } else { unchangedCount += count }
        }
        self.changes = changes.sorted { left, right in
            (right.count, RawText(left.raw ?? "")) < (left.count, RawText(right.raw ?? ""))
        }
        self.unchangedCount = unchangedCount
    }

    /// How many labels would go from one status to another, for example from quarantined to clean.
    package func labelCount(from before: CleanResult.Status?, to after: CleanResult.Status) -> Int {
        changes.reduce(0) { $0 + ($1.before?.status == before && $1.after.status == after ? $1.count : 0) }
    }
}

extension RulesetComparison.Change {
    fileprivate var isReal: Bool {
        guard let before else { return true }
        return before.status != after.status || before.values.map(\.content) != after.values.map(\.content)
    }
}
