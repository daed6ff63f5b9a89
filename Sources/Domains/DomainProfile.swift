/// The distinct values of one column or attribute, counted: what a person looks at before writing rules.
///
/// Profiles of parts of the data merge into the profile of the whole, in any order, with the same result.
///
/// **Cost** memory in proportion to the distinct values, whatever the number of rows.
package struct DomainProfile: Sendable, Equatable {
    /// Where a value was seen: a file and a row, or a series and a slice. "First" examples are first in this order.
    package struct Reference: Sendable, Hashable, Comparable {
        package let source: String
        package let position: Int

        package init(source: String, position: Int) {
            self.source = source
            self.position = position
        }

        package static func < (left: Reference, right: Reference) -> Bool {
            (left.source, left.position) < (right.source, right.position)
        }
    }

    /// What one row or file says.
    package enum Observation: Sendable, Equatable {
        /// There is no such column or attribute.
        case absent
        /// De-identification took the value away.
        case removed
        /// The values given: none or only blanks is empty, more than one is multi-valued.
        case values([String])
    }

    private struct Tally: Sendable, Equatable {
        var count: Int
        var examples: [Reference]

        mutating func add(_ more: Int, _ references: [Reference]) {
            count += more
            guard let last = references.first, examples.count < 3 || last < examples[examples.count - 1] else { return }
            examples = Array(Set(examples + references).sorted().prefix(3))
        }
    }

    package private(set) var absentCount = 0
    package private(set) var removedCount = 0
    package private(set) var emptyCount = 0
    /// Observations of more than one value; they stand among the values too, joined by `\` as DICOM joins them.
    package private(set) var multipleCount = 0
    /// Observations of at least one value.
    package private(set) var valuedCount = 0
    private var tallies: [RawText: Tally] = [:]

    package init() {}

    package var totalCount: Int { absentCount + removedCount + emptyCount + valuedCount }
    package var distinctCount: Int { tallies.count }

    /// How many distinct values remain when space and case are disregarded.
    package var distinctFoldedCount: Int {
        Set(tallies.keys.map { RawText($0.text.trimmed().collapsingSpace().caseFolded()) }).count
    }

    /// Counts what `count` rows say; `reference` is the first of them.
    package mutating func record(_ observation: Observation, count: Int = 1, at reference: Reference) {
        precondition(count > 0, "an observation is counted at least once")
        guard case .values(let values) = observation else {
            if observation == .absent { absentCount += count } else { removedCount += count }
            return
        }
        guard !values.allSatisfy(\.isBlank) else {
            emptyCount += count
            return
        }
        valuedCount += count
        if values.count > 1 { multipleCount += count }
        let raw = RawText(values.count == 1 ? values[0] : values.joined(separator: "\\"))
        tallies[raw, default: Tally(count: 0, examples: [])].add(count, [reference])
    }

    package mutating func merge(_ other: DomainProfile) {
        absentCount += other.absentCount
        removedCount += other.removedCount
        emptyCount += other.emptyCount
        multipleCount += other.multipleCount
        valuedCount += other.valuedCount
        for (raw, tally) in other.tallies {
            tallies[raw, default: Tally(count: 0, examples: [])].add(tally.count, tally.examples)
        }
    }
}

extension DomainProfile {
    /// One distinct raw value and its weight.
    package struct Value: Sendable, Equatable {
        package let raw: String
        package let count: Int
        /// The part of all observations with a value, 0 to 1.
        package let share: Double
        /// The share of this value and all more frequent ones.
        package let cumulativeShare: Double
        /// Whether the more frequent values already reach the coverage that was asked for.
        package let isTail: Bool
        /// The first three places.
        package let examples: [Reference]
    }

    /// The distinct values, the most frequent first, equals in the order of their bytes.
    ///
    /// The value that reaches `coverage` (0 to 1) is the last before the tail.
    package func values(coverage: Double = 0.99) -> [Value] {
        let sorted = tallies.sorted { left, right in
            (right.value.count, left.key) < (left.value.count, right.key)
        }
        let total = Double(valuedCount)
        var before = 0
        return sorted.map { raw, tally in
            defer { before += tally.count }
            return Value(
                raw: raw.text, count: tally.count, share: Double(tally.count) / total,
                cumulativeShare: Double(before + tally.count) / total,
                isTail: Double(before) >= coverage * total, examples: tally.examples)
        }
    }

    /// A rule that drops the tail, to be put first in a vocabulary; `nil` where there is no tail.
    ///
    /// The tail depends on the data at hand. As a rule that lists its values it is a decision that can be read,
    /// previewed and taken back.
    package func tailRule(coverage: Double = 0.99) -> CleaningRule? {
        let tail = values(coverage: coverage).filter(\.isTail).map(\.raw)
        return tail.isEmpty ? nil : .drop(.values(tail), reason: "the value is too rare to be used")
    }
}
