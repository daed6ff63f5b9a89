/// What one raw value came to.
package struct CleanResult: Sendable, Equatable {
    package enum Status: String, Sendable, Equatable, CaseIterable {
        /// There are one or more values.
        case clean
        /// A person has to decide; there are no values.
        case quarantined
        /// A rule says that the text holds no value.
        case dropped
        /// Nothing was said: the value is missing or blank, and no rule gives blanks a meaning.
        case empty
    }

    package let status: Status
    /// The derived values, in the order in which the raw text names them, without repetition.
    package let values: [CleanValue]
    /// The rule that decided, from 0; the number of rules where the domain's default did; `nil` where none did. For a
    /// list, the rule that quarantined a part, else the one that read the first value.
    package let ruleIndex: Int?
    /// Why there is no value; `nil` where there is one.
    package let reason: CleanReason?

    static func clean(_ values: [CleanValue]) -> CleanResult {
        CleanResult(status: .clean, values: values, ruleIndex: values.first?.ruleIndex, reason: nil)
    }

    static func without(_ status: Status, _ reason: CleanReason, rule: Int? = nil) -> CleanResult {
        CleanResult(status: status, values: [], ruleIndex: rule, reason: reason)
    }
}

/// One value derived from a raw one.
package struct CleanValue: Sendable, Equatable {
    package enum Content: Sendable, Hashable {
        case term(String)
        /// In the unit of the domain; finite and within its range.
        case number(Double)
        case text(String)
    }

    package let content: Content
    /// The place of the value in the list, from 0; the column `label_value.value_ordinal`.
    package let ordinal: Int
    /// The rule that read the value, from 0.
    package let ruleIndex: Int
}

/// Why a raw value gave no clean one. The sentence never repeats the value.
package struct CleanReason: Sendable, Hashable {
    package enum Code: String, Sendable, Hashable, CaseIterable {
        case absent, blank, unmatched
        case outOfRange = "out_of_range"
        case tooLong = "too_long"
        /// A `quarantine` or `drop` rule of the vocabulary.
        case rule
    }

    package let code: Code
    package let sentence: String
}
