internal import CanonicalJSON

/// The compiled rules of one domain.
///
/// A ruleset is its content: `canonicalJSON` holds all that decides what a value becomes, so its SHA-256 names the
/// ruleset, and the same file gives the same ruleset on every machine.
package struct Ruleset: Sendable {
    package let vocabulary: String
    package let domain: LabelDomain
    let steps: [CleaningStep]

    /// Compiles the rules of `domain`; `vocabulary` names its file in errors.
    ///
    /// **Throws** `invalidDomain` for terms, ranges or names that contradict each other, `invalidRule` for a pattern
    /// that cannot be read, a term that is not one of the domain, or a key that can never be met, and `ambiguous` for
    /// an alias that two terms share. Each names vocabulary, domain and rule.
    package init(_ domain: LabelDomain, vocabulary: String) throws(DomainError) {
        self.vocabulary = vocabulary
        self.domain = domain
        try DomainCheck(domain, vocabulary: vocabulary).run()
        var compiler = RuleCompiler(domain, vocabulary: vocabulary)
        steps = try compiler.compile()
    }

    /// The rules as rows, the default of the domain as the last.
    package var descriptions: [RuleDescription] {
        let rules = domain.rules.enumerated().map { index, rule in
            RuleDescription(
                index: index, kind: rule.kind, pattern: rule.pattern, term: rule.term,
                arguments: rule.canonicalArguments?.text ?? "{}")
        }
        let unmatched = RuleDescription(
            index: domain.rules.count, kind: "default", pattern: nil, term: domain.unmatched.term,
            arguments: domain.unmatched.canonical.text)
        return rules + [unmatched]
    }
}

/// One rule as a row of the table `label_rule`.
package struct RuleDescription: Sendable, Equatable {
    package let index: Int
    package let kind: String
    /// The regular expression, where the rule has one.
    package let pattern: String?
    /// The term, where the rule leads to exactly one.
    package let term: String?
    /// The arguments as canonical JSON; `{}` where the rule takes none.
    package let arguments: String
}

/// A rule made ready to run.
enum CleaningStep: Sendable {
    case rewrite(Rewriting)
    case blank(String)
    /// `exact` and `alias`: the whole text stands in a table.
    case lookup([String: String])
    case regex(Pattern, [TermSource], aliases: [String: String])
    case split([[Unicode.Scalar]])
    case number(NumberFormat)
    case text
    case stop(CleanResult.Status, StopCondition, reason: String)

    enum TermSource: Sendable, Equatable {
        case term(String)
        case group(Int)
    }

    enum StopCondition: Sendable {
        case pattern(Pattern)
        case values(Set<String>)

        func holds(for text: String) -> Bool {
            switch self {
            case .pattern(let pattern): pattern.matches(text)
            case .values(let values): values.contains(text)
            }
        }
    }
}

/// A rule that changes the text and goes on.
enum Rewriting: Sendable {
    case trim, collapseSpace, caseFold
    case replace(Pattern, template: String)

    func apply(to text: String) -> String {
        switch self {
        case .trim: text.trimmed()
        case .collapseSpace: text.collapsingSpace()
        case .caseFold: text.caseFolded()
        case .replace(let pattern, let template): pattern.replacingMatches(in: text, with: template)
        }
    }
}
