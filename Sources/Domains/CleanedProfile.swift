/// A profile after cleaning: the answers, and what is still in the way of them.
package struct CleanedProfile: Sendable, Equatable {
    /// One value after cleaning.
    package struct Answer: Sendable, Equatable {
        package let content: CleanValue.Content
        /// The observations that hold the value; one observation of a list counts once for each of its values.
        package let count: Int
        /// The part of all observations, 0 to 1, missing ones included. Shares of lists add up to more than 1.
        package let share: Double
        /// How many distinct raw values lead to it.
        package let rawValueCount: Int
    }

    /// A raw value that gave none.
    package struct Unread: Sendable, Equatable {
        package let value: DomainProfile.Value
        package let result: CleanResult
    }

    /// The most frequent first, equals in the order of their names or numbers.
    package let answers: [Answer]
    /// Observations by what became of them; they add up to the total of the profile.
    package let observationCounts: [CleanResult.Status: Int]
    /// The quarantined and dropped values with their examples, the most frequent first.
    package let unread: [Unread]
}

extension DomainProfile {
    /// What `ruleset` makes of the values. Values removed by de-identification count as missing.
    package func cleaned(by ruleset: Ruleset) -> CleanedProfile {
        var counts: [CleanValue.Content: (observations: Int, rawValues: Int)] = [:]
        var statuses: [CleanResult.Status: Int] = [:]
        var unread: [CleanedProfile.Unread] = []

        func add(_ result: CleanResult, count: Int) {
            guard count > 0 else { return }
            statuses[result.status, default: 0] += count
            for value in result.values {
                counts[value.content, default: (0, 0)].observations += count
                counts[value.content, default: (0, 0)].rawValues += 1
            }
        }

        add(ruleset.clean(nil), count: absentCount + removedCount)
        add(ruleset.clean(""), count: emptyCount)
        for value in values() {
            let result = ruleset.clean(value.raw)
            add(result, count: value.count)
            if result.values.isEmpty { unread.append(.init(value: value, result: result)) }
        }
        let answers = counts.map { content, count in
            CleanedProfile.Answer(
                content: content, count: count.observations, share: Double(count.observations) / Double(totalCount),
                rawValueCount: count.rawValues)
        }
        return CleanedProfile(
            answers: answers.sorted { $0.precedes($1) }, observationCounts: statuses, unread: unread)
    }
}

extension CleanedProfile.Answer {
    fileprivate func precedes(_ other: CleanedProfile.Answer) -> Bool {
        guard count == other.count else { return count > other.count }
        return switch (content, other.content) {
        case (.term(let left), .term(let right)): RawText(left) < RawText(right)
        case (.number(let left), .number(let right)): left < right
        case (.text(let left), .text(let right)): RawText(left) < RawText(right)
        // One domain has values of one kind only; the order of kinds keeps this a strict order all the same.
        case (.term, _), (.number, .text): true
        default: false
        }
    }
}
