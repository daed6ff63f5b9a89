import Testing

@testable import Domains

@Suite struct RulesetComparisonTests {
    private static func ruleset(_ rules: [CleaningRule]) throws -> Ruleset {
        let terms = [LabelTerm(name: "present", aliases: ["1", "yes"]), LabelTerm(name: "absent", aliases: ["0"])]
        return try Ruleset(
            LabelDomain(name: "x", levels: [.slice], valueKind: .term, terms: terms, rules: rules), vocabulary: "test")
    }

    private static let values: [(raw: String?, count: Int)] = [
        ("1", 318), ("0", 2183), ("YES", 4), ("?", 4), (nil, 7), ("", 5),
    ]

    @Test func `only labels whose values change are listed, the most frequent first`() throws {
        let new = try Self.ruleset([
            .trim, .caseFold, .drop(.values(["?"]), reason: "no opinion"), .blank(term: "absent"), .alias,
        ])
        let preview = RulesetComparison(from: try Self.ruleset([.alias]), to: new, values: Self.values)
        #expect(preview.changes.map(\.raw) == ["", "?", "YES"])
        #expect(preview.changedCount == 13)
        #expect(preview.unchangedCount == 318 + 2183 + 7)
        #expect(preview.labelCount(from: .quarantined, to: .clean) == 4)
        #expect(preview.labelCount(from: .quarantined, to: .dropped) == 4)
        #expect(preview.labelCount(from: .empty, to: .clean) == 5)
    }

    @Test func `a ruleset compared with itself changes nothing, and with none everything`() throws {
        let ruleset = try Self.ruleset([.trim, .alias])
        #expect(RulesetComparison(from: ruleset, to: ruleset, values: Self.values).changes.isEmpty)
        #expect(RulesetComparison(from: nil, to: ruleset, values: Self.values).changedCount == 2521)
    }
}
