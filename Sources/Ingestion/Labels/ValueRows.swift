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
        let key: [SQLValue] = [
            .integer(patientID), .integer(sourceID), .integer(labelID), .integer(domain.rulesetID),
        ]
        guard !result.values.isEmpty else {
            return [
                key + [
                    .integer(0), .text(result.status.rawValue), .null, .null, .null, SQLValue(result.ruleIndex),
                    SQLValue(result.reason?.code.rawValue),
                ]
            ]
        }
        return result.values.map { value in
            key + [.integer(Int64(value.ordinal)), .text(result.status.rawValue)] + content(value.content)
                + [.integer(Int64(value.ruleIndex)), .null]
        }
    }

    private func content(_ content: CleanValue.Content) -> [SQLValue] {
        switch content {
        case .term(let name): [SQLValue(domain.termIDs[name]), .null, .null]
        case .number(let number): [.null, .real(number), .null]
        case .text(let text): [.null, .null, .text(text)]
        }
    }
}
