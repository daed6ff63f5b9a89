import Testing

@testable import Domains

/// Mistakes in a vocabulary are found when it is read, each with the place and the way out.
@Suite struct RulesetRefusalTests {
    private static func refusal(
        name: String = "sex", values: ValueKind = .term, range: ValueRange? = nil,
        terms: [LabelTerm] = [LabelTerm(name: "male", aliases: ["M"]), LabelTerm(name: "female", aliases: ["F"])],
        rules: [CleaningRule], unmatched: UnmatchedAction = .quarantine
    ) -> DomainError? {
        let domain = LabelDomain(
            name: name, levels: [.patient], valueKind: values, range: range, terms: terms, rules: rules,
            unmatched: unmatched)
        do {
            _ = try Ruleset(domain, vocabulary: "people.yaml")
            return nil
        } catch {
            return error
        }
    }

    @Test func `a pattern that cannot be read is named with its vocabulary, domain and rule`() throws {
        let error = try #require(Self.refusal(rules: [.trim, .regex(pattern: "^(m", terms: ["male"])]))
        #expect(error.code == .invalidRule)
        #expect(
            error.description
                == "Vocabulary people.yaml, domain sex, rule 1 (regex): the pattern '^(m' has a '(' without a ')', "
                + "at character 4.")
    }

    @Test func `a term that the domain lacks is refused`() throws {
        let error = try #require(Self.refusal(rules: [.exact(["x": "other"])]))
        #expect(error.reason == "'other' is not a term of the domain; its terms are male, female")
        #expect(Self.refusal(rules: [.blank(term: "none")])?.code == .invalidRule)
        #expect(Self.refusal(rules: [.alias], unmatched: .term("none"))?.code == .invalidRule)
        #expect(Self.refusal(rules: [.regex(pattern: "(a)", terms: ["$2"])])?.code == .invalidRule)
        #expect(Self.refusal(rules: [.regex(pattern: "a", terms: [])])?.code == .invalidRule)
    }

    @Test func `an alias that two terms share is refused, as the data would arrive`() throws {
        let terms = [LabelTerm(name: "male", aliases: ["x"]), LabelTerm(name: "other", aliases: [" X "])]
        #expect(Self.refusal(terms: terms, rules: [.alias]) == nil)
        let error = try #require(Self.refusal(terms: terms, rules: [.trim, .caseFold, .alias]))
        #expect(error.code == .ambiguous)
        #expect(error.reason == "' X ' stands for both male and other; keep it with one")
    }

    @Test func `a text that an earlier rule always changes is refused`() throws {
        let error = try #require(Self.refusal(rules: [.caseFold, .exact(["M": "male"])]))
        #expect(error.reason == "'M' can never be met, since the rules before make it 'm'; write it so")
        #expect(Self.refusal(rules: [.trim, .drop(.values(["x "]), reason: "r")])?.code == .invalidRule)
        #expect(Self.refusal(rules: [.caseFold, .split(separators: [" AND "])])?.code == .invalidRule)
    }

    @Test func `rules and values must be of one kind`() {
        #expect(Self.refusal(rules: [.number(NumberFormat())])?.code == .invalidRule)
        #expect(Self.refusal(values: .number, terms: [], rules: [.alias])?.code == .invalidRule)
        #expect(Self.refusal(values: .text, rules: [.text])?.code == .invalidDomain)
        #expect(Self.refusal(terms: [], rules: [.alias])?.code == .invalidDomain)
        #expect(Self.refusal(range: ValueRange(minimum: 0, maximum: 1), rules: [])?.code == .invalidDomain)
    }

    @Test func `names, ordinals, ranges and units must make sense`() {
        #expect(Self.refusal(name: "Sex", rules: [.alias])?.code == .invalidDomain)
        #expect(Self.refusal(terms: [.init(name: "a b")], rules: [.alias])?.code == .invalidDomain)
        #expect(Self.refusal(terms: [.init(name: "a"), .init(name: "a")], rules: [])?.code == .invalidDomain)
        let tied = [LabelTerm(name: "a", ordinal: 1), LabelTerm(name: "b", ordinal: 1)]
        #expect(Self.refusal(terms: tied, rules: [])?.code == .invalidDomain)
        let backwards = ValueRange(minimum: 1, maximum: 0)
        #expect(Self.refusal(values: .number, range: backwards, terms: [], rules: [])?.code == .invalidDomain)
        let zero = CleaningRule.number(NumberFormat(units: ["y": 0]))
        #expect(Self.refusal(values: .number, terms: [], rules: [zero])?.code == .invalidRule)
    }
}
