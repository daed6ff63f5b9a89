internal import Domains
internal import SQLInterface

/// What the rules made of one raw value, as rows of `label_value`.
struct ValueRows: Sendable {
    private let result: CleanResult
    private let domain: RegisteredDomain

    static let columns = [
        "patient_id", "label_source_id", "label_id", "label_ruleset_id", "value_ordinal", "status", "label_term_id",
        "number_value", "text_value", "rule_index", "reason",
    ]

    init(_ result: CleanResult, domain: RegisteredDomain) {
        self.result = result
        self.domain = domain
    }

    func rows(patientID: Int64, sourceID: Int64, labelID: Int64) -> [[SQLValue]] {
        func row(_ ordinal: Int64, _ content: (SQLValue, SQLValue, SQLValue), _ rule: SQLValue, _ reason: SQLValue)
            -> [SQLValue]
        {
            [
                .integer(patientID), .integer(sourceID), .integer(labelID), .integer(domain.rulesetID),
                .integer(ordinal), .text(result.status.rawValue), content.0, content.1, content.2, rule, reason,
            ]
        }
        guard !result.values.isEmpty else {
            return [
                row(0, (.null, .null, .null), SQLValue(result.ruleIndex), SQLValue(result.reason?.code.rawValue))
            ]
        }
        return result.values.map { value in
            row(Int64(value.ordinal), content(value.content), .integer(Int64(value.ruleIndex)), .null)
        }
    }

    /// Columns from `label_term_id` to `text_value`.
    private func content(_ content: CleanValue.Content) -> (SQLValue, SQLValue, SQLValue) {
        switch content {
        case .term(let name): (domain.termIDs[name].map(SQLValue.integer) ?? .null, .null, .null)
        case .number(let number): (.null, .real(number), .null)
        case .text(let text): (.null, .null, .text(text))
        }
    }
}
