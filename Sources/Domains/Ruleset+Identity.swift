internal import CanonicalJSON

extension Ruleset {
    /// All that decides what a value becomes, as RFC 8785 JSON; its SHA-256 is the identity of the ruleset.
    ///
    /// Levels, columns, ordinals, families and descriptions are left out: they may change without changing a value. A
    /// release that reads a rule in another way must change `format`, so that old values are seen to be stale.
    /// `StoredRuleset` reads the text back.
    package var canonicalJSON: String {
        let terms = domain.terms.sorted { $0.name < $1.name }.map { term in
            JSONValue.object(["name": .string(term.name), "aliases": .strings(term.aliases.sorted())])
        }
        let range = domain.range.map { range in
            JSONValue.object(["minimum": .number(range.minimum), "maximum": .number(range.maximum)])
        }
        return JSONValue.object([
            "format": .string(StoredRuleset.format),
            "domain": .string(domain.name),
            "values": .string(domain.valueKind.rawValue),
            "unit": domain.unit.map(JSONValue.string) ?? .null,
            "range": range ?? .null,
            "terms": .array(terms),
            "rules": .array(domain.rules.map(\.canonical)),
            "default": domain.unmatched.canonical,
        ]).text
    }
}

extension CleaningRule {
    var canonical: JSONValue { canonicalArguments.map { .object([kind: $0]) } ?? .string(kind) }

    /// The arguments as written, with defaults filled in; `nil` for rules that take none.
    var canonicalArguments: JSONValue? {
        switch self {
        case .trim, .collapseSpace, .caseFold, .alias, .text: nil
        case .replace(let pattern, let template):
            .object(["pattern": .string(pattern), "with": .string(template)])
        case .blank(let term): .string(term)
        case .exact(let table): .object(table.mapValues(JSONValue.string))
        case .regex(let pattern, let terms): .object(["pattern": .string(pattern), "terms": .strings(terms)])
        case .split(let separators): .strings(separators)
        case .number(let format): format.canonical
        case .quarantine(let condition, let reason), .drop(let condition, let reason):
            condition.canonical(reason: reason)
        }
    }
}

extension NumberFormat {
    fileprivate var canonical: JSONValue {
        .object([
            "decimal": .string(String(decimal)),
            "grouping": grouping.map { .string(String($0)) } ?? .null,
            "units": .object(units.mapValues(JSONValue.number)),
        ])
    }
}

extension CleaningRule.Condition {
    fileprivate func canonical(reason: String) -> JSONValue {
        switch self {
        case .pattern(let pattern): .object(["pattern": .string(pattern), "reason": .string(reason)])
        case .values(let values): .object(["values": .strings(values), "reason": .string(reason)])
        }
    }
}

extension UnmatchedAction {
    var canonical: JSONValue {
        switch self {
        case .quarantine: .string("quarantine")
        case .drop: .string("drop")
        case .term(let term): .object(["term": .string(term)])
        }
    }
}
