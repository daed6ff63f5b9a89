internal import Datasets

/// Tells a repeated answer from a contradicting one within one label table.
///
/// The same answer twice counts once; another answer to the same question about the same subject is kept beside the
/// first, as occurrence 1, 2, ….
struct OccurrenceCounter {
    private struct Question: Hashable {
        let key: LabelKey
        let domain: String
    }
    private var answers: [Question: [String]] = [:]
    private(set) var repeatedCount = 0
    private(set) var contradictionCount = 0

    /// The occurrence to store; `nil` for a repetition.
    mutating func occurrence(of assertion: LabelAssertion) -> Int? {
        let question = Question(key: assertion.key, domain: assertion.domain)
        let known = answers[question, default: []]
        if known.contains(assertion.rawValue) {
            repeatedCount += 1
            return nil
        }
        if !known.isEmpty { contradictionCount += 1 }
        answers[question, default: []].append(assertion.rawValue)
        return known.count
    }
}
