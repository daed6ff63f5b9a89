extension CleaningRule: Decodable {
    private enum Kind: String, CodingKey, CaseIterable {
        case trim
        case collapseSpace = "collapse_space"
        case caseFold = "case_fold"
        case replace, blank, exact, alias, regex, split, number, text, quarantine, drop
    }
    private enum ReplaceKey: String, CodingKey, CaseIterable { case pattern, with }
    private enum RegexKey: String, CodingKey, CaseIterable { case pattern, term, terms }
    private enum ConditionKey: String, CodingKey, CaseIterable { case pattern, values, reason }

    package init(from decoder: any Decoder) throws {
        if let word = try? decoder.singleValueContainer().decode(String.self) {
            self = try Self.rule(named: word, decoder: decoder)
            return
        }
        let container = try decoder.strictContainer(keyedBy: Kind.self)
        guard let kind = container.allKeys.first, container.allKeys.count == 1 else {
            throw decoder.invalid("a rule has exactly one kind; this one has \(container.allKeys.count)")
        }
        self = try Self.rule(kind, in: container, decoder: decoder)
    }

    private static func rule(named word: String, decoder: any Decoder) throws -> CleaningRule {
        switch Kind(rawValue: word) {
        case .trim: return .trim
        case .collapseSpace: return .collapseSpace
        case .caseFold: return .caseFold
        case .alias: return .alias
        case .number: return .number(NumberFormat())
        case .text: return .text
        case .some: throw decoder.invalid("the rule '\(word)' needs arguments: write {\(word): …}")
        case nil:
            let known = Kind.allCases.map(\.rawValue).joined(separator: ", ")
            throw decoder.invalid("the rule '\(word)' is unknown; the known rules are \(known)")
        }
    }

    private static func rule(
        _ kind: Kind, in container: KeyedDecodingContainer<Kind>, decoder: any Decoder
    ) throws -> CleaningRule {
        let arguments = try container.superDecoder(forKey: kind)
        switch kind {
        case .trim, .collapseSpace, .caseFold, .alias, .text:
            throw decoder.invalid("the rule '\(kind.rawValue)' takes no arguments; write it as a word")
        case .replace:
            let arguments = try arguments.strictContainer(keyedBy: ReplaceKey.self)
            return .replace(
                pattern: try arguments.decode(String.self, forKey: .pattern),
                template: try arguments.decode(String.self, forKey: .with))
        case .blank: return .blank(term: try String(from: arguments))
        case .exact: return .exact(try [String: String](from: arguments))
        case .regex: return try regex(arguments)
        case .split: return .split(separators: try [String](from: arguments))
        case .number: return .number(try NumberFormat(from: arguments))
        case .quarantine:
            let (condition, reason) = try condition(arguments)
            return .quarantine(condition, reason: reason)
        case .drop:
            let (condition, reason) = try condition(arguments)
            return .drop(condition, reason: reason)
        }
    }

    private static func regex(_ decoder: any Decoder) throws -> CleaningRule {
        let container = try decoder.strictContainer(keyedBy: RegexKey.self)
        let pattern = try container.decode(String.self, forKey: .pattern)
        let term = try container.decodeIfPresent(String.self, forKey: .term)
        let terms = try container.decodeIfPresent([String].self, forKey: .terms)
        switch (term, terms) {
        case (let term?, nil): return .regex(pattern: pattern, terms: [term])
        case (nil, let terms?): return .regex(pattern: pattern, terms: terms)
        default: throw decoder.invalid("a regex rule names either one 'term' or a list of 'terms'")
        }
    }

    private static func condition(_ decoder: any Decoder) throws -> (Condition, String) {
        let container = try decoder.strictContainer(keyedBy: ConditionKey.self)
        let reason = try container.decode(String.self, forKey: .reason)
        let pattern = try container.decodeIfPresent(String.self, forKey: .pattern)
        let values = try container.decodeIfPresent([String].self, forKey: .values)
        switch (pattern, values) {
        case (let pattern?, nil): return (.pattern(pattern), reason)
        case (nil, let values?): return (.values(values), reason)
        default: throw decoder.invalid("the rule names either a 'pattern' or a list of 'values'")
        }
    }
}
