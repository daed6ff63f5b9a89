import Testing

@testable import Domains

@Suite struct CleanerTests {
    private static func ruleset() throws -> Ruleset {
        let domain = LabelDomain(
            name: "name", levels: [.patient], valueKind: .text,
            rules: [.trim, .drop(.pattern("^e.$"), reason: "decomposed"), .text])
        return try Ruleset(domain, vocabulary: "test")
    }

    /// Swift calls both spellings of é equal; the rules see scalars, so a shared memory would depend on the order.
    @Test func `composed and decomposed accents are remembered apart`() throws {
        var cleaner = Cleaner(try Self.ruleset())
        #expect(cleaner.clean("\u{E9}").status == .clean)
        #expect(cleaner.clean("e\u{301}").status == .dropped)
        #expect(cleaner.clean("\u{E9}").status == .clean)
    }

    @Test(arguments: [0, 1, 2, 100])
    func `results are those of the ruleset, whatever is remembered`(_ capacity: Int) throws {
        let ruleset = try Self.ruleset()
        var cleaner = Cleaner(ruleset, capacity: capacity)
        let raws: [String?] = [nil, "", "a", "b", "ex", "a", String(repeating: "x", count: 300), nil, "b"]
        for raw in raws { #expect(cleaner.clean(raw) == ruleset.clean(raw)) }
    }
}
