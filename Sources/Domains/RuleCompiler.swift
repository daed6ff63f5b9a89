/// Makes the rules of a domain ready to run, and refuses those that could never do what they say.
struct RuleCompiler {
    private let domain: LabelDomain
    private let vocabulary: String
    private let termNames: Set<String>
    /// The rewriting rules met so far, through which aliases pass as the data does.
    private var rewritings: [Rewriting] = []
    private var rule: (index: Int, kind: String) = (0, "")

    init(_ domain: LabelDomain, vocabulary: String) {
        self.domain = domain
        self.vocabulary = vocabulary
        termNames = Set(domain.terms.map(\.name))
    }

    mutating func compile() throws(DomainError) -> [CleaningStep] {
        var steps: [CleaningStep] = []
        for (index, rule) in domain.rules.enumerated() {
            self.rule = (index, rule.kind)
            let step = try compile(rule)
            if case .rewrite(let rewriting) = step { rewritings.append(rewriting) }
            steps.append(step)
        }
        rule = (domain.rules.count, "default")
        if case .term(let term) = domain.unmatched { try checkTerm(term) }
        return steps
    }

    private func compile(_ rule: CleaningRule) throws(DomainError) -> CleaningStep {
        try checkValueKind(of: rule)
        switch rule {
        case .trim: return .rewrite(.trim)
        case .collapseSpace: return .rewrite(.collapseSpace)
        case .caseFold: return .rewrite(.caseFold)
        case .replace(let pattern, let template):
            return .rewrite(.replace(try compile(pattern: pattern), template: template))
        case .blank(let term):
            try checkTerm(term)
            return .blank(term)
        case .exact(let table): return try exact(table)
        case .alias: return .lookup(try aliasTable())
        case .regex(let pattern, let terms): return try regex(pattern, terms)
        case .split(let separators): return try split(separators)
        case .number(let format): return try number(format)
        case .text: return .text
        case .quarantine(let condition, let reason):
            return .stop(.quarantined, try compile(condition), reason: reason)
        case .drop(let condition, let reason): return .stop(.dropped, try compile(condition), reason: reason)
        }
    }

    private func checkValueKind(of rule: CleaningRule) throws(DomainError) {
        let needed: ValueKind? =
            switch rule {
            case .blank, .exact, .alias, .regex: .term
            case .number: .number
            case .text: .text
            default: nil
            }
        guard let needed, needed != domain.valueKind else { return }
        throw failure("it gives a \(needed.rawValue), but the values of the domain are of the kind \(domain.valueKind)")
    }

    private func exact(_ table: [String: String]) throws(DomainError) -> CleaningStep {
        for (text, term) in table.sorted(by: { $0.key < $1.key }) {
            try checkTerm(term)
            try checkReachable(text)
        }
        return .lookup(table)
    }

    private func regex(_ source: String, _ terms: [String]) throws(DomainError) -> CleaningStep {
        let pattern = try compile(pattern: source)
        guard !terms.isEmpty else { throw failure("it lists no terms; name at least one") }
        var sources: [CleaningStep.TermSource] = []
        for term in terms {
            guard term.first == "$" else {
                try checkTerm(term)
                sources.append(.term(term))
                continue
            }
            guard let group = Int(term.dropFirst()), group >= 0, group <= pattern.groupCount else {
                throw failure("'\(term)' is not a group of the pattern, which has \(pattern.groupCount)")
            }
            sources.append(.group(group))
        }
        return .regex(pattern, sources, aliases: try aliasTable())
    }

    private func split(_ separators: [String]) throws(DomainError) -> CleaningStep {
        guard !separators.isEmpty, separators.allSatisfy({ !$0.isEmpty }) else {
            throw failure("its separators are missing or empty; list at least one")
        }
        for separator in separators where separator.caseFolded() != separator && isFolded {
            throw failure("the separator '\(separator)' can never be met after case_fold; write it in lower case")
        }
        return .split(separators.map { Array($0.unicodeScalars) })
    }

    private func number(_ format: NumberFormat) throws(DomainError) -> CleaningStep {
        for (unit, count) in format.units.sorted(by: { $0.key < $1.key }) {
            guard count.isFinite, count > 0 else { throw failure("the unit '\(unit)' needs a positive number") }
            guard unit.trimmed() == unit, !unit.isEmpty else { throw failure("the unit '\(unit)' is blank or padded") }
            try checkReachable(unit)
        }
        return .number(format)
    }

    private func compile(_ condition: CleaningRule.Condition) throws(DomainError) -> CleaningStep.StopCondition {
        switch condition {
        case .pattern(let pattern): return .pattern(try compile(pattern: pattern))
        case .values(let values):
            for value in values { try checkReachable(value) }
            return .values(Set(values))
        }
    }

    private func compile(pattern source: String) throws(DomainError) -> Pattern {
        do {
            return try Pattern(source)
        } catch {
            throw failure("the pattern '\(source)' \(error.reason), at character \(error.offset + 1)")
        }
    }

    /// Names and aliases, rewritten as the data is before it comes to this rule.
    private func aliasTable() throws(DomainError) -> [String: String] {
        var table: [String: String] = [:]
        for term in domain.terms {
            for alias in [term.name] + term.aliases {
                let key = rewritten(alias)
                if let other = table.updateValue(term.name, forKey: key), other != term.name {
                    throw failure("'\(alias)' stands for both \(other) and \(term.name); keep it with one", .ambiguous)
                }
            }
        }
        return table
    }

    private func checkTerm(_ term: String) throws(DomainError) {
        guard !termNames.contains(term) else { return }
        let known = domain.terms.map(\.name).joined(separator: ", ")
        throw failure("'\(term)' is not a term of the domain; its terms are \(known)")
    }

    /// A text that the earlier rules would change can never arrive here, so naming it is a mistake.
    private func checkReachable(_ text: String) throws(DomainError) {
        let arriving = rewritten(text)
        guard arriving != text else { return }
        throw failure("'\(text)' can never be met, since the rules before make it '\(arriving)'; write it so")
    }

    private var isFolded: Bool {
        rewritings.contains { if case .caseFold = $0 { true } else { false } }
    }

    private func rewritten(_ text: String) -> String { rewritings.reduce(text) { $1.apply(to: $0) } }

    private func failure(_ reason: String, _ code: DomainError.Code = .invalidRule) -> DomainError {
        let place = "\(vocabulary), domain \(domain.name), rule \(rule.index) (\(rule.kind))"
        return DomainError(code: code, subject: place, reason: reason)
    }
}
