/// A ruleset as the warehouse keeps it: what `Ruleset.canonicalJSON` wrote, decoded by any JSON decoder.
///
/// With it values can be derived again, compared and taken back without the vocabulary file of the day.
package struct StoredRuleset: Sendable, Equatable {
    /// Names the meaning of the rules; another release may read only the formats it knows.
    static let format = "slicehouse-ruleset-1"

    /// The domain as far as it decides values: without columns, attributes, ordinals and descriptions, at all levels.
    package let domain: LabelDomain

    /// The ruleset, ready to clean; `source` names it in errors.
    package func ruleset(source: String) throws(DomainError) -> Ruleset { try Ruleset(domain, vocabulary: source) }
}

extension StoredRuleset: Decodable {
    private enum Key: String, CodingKey, CaseIterable {
        case format, domain, values, unit, range, terms, rules
        case unmatched = "default"
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.strictContainer(keyedBy: Key.self)
        let format = try container.decode(String.self, forKey: .format)
        guard format == Self.format else {
            throw decoder.invalid("the format is '\(format)', and this release reads '\(Self.format)'; upgrade")
        }
        domain = LabelDomain(
            name: try container.decode(String.self, forKey: .domain),
            levels: LabelLevel.allCases,
            valueKind: try container.decode(ValueKind.self, forKey: .values),
            unit: try container.decodeIfPresent(String.self, forKey: .unit),
            range: try container.decodeIfPresent(ValueRange.self, forKey: .range),
            terms: try container.decode([LabelTerm].self, forKey: .terms),
            rules: try container.decode([CleaningRule].self, forKey: .rules),
            unmatched: try container.decode(UnmatchedAction.self, forKey: .unmatched))
    }
}
