import Domains
import Testing

@Suite("Patterns and templates of sources")
struct TextPatternTests {
    @Test func `a pattern must match the whole text`() throws {
        let pattern = try TextPattern(#"(ID_[0-9a-f]+)_([a-z]+)"#)
        #expect(pattern.groups(of: "ID_12cadc6af_any") == ["ID_12cadc6af_any", "ID_12cadc6af", "any"])
        #expect(pattern.groups(of: "ID_12cadc6af_any ") == nil)
        #expect(pattern.groups(of: "x ID_12cadc6af_any") == nil)
        #expect(throws: DomainError.self) { try TextPattern("(") }
    }

    @Test func `a template takes groups and cells, and says when one is missing`() {
        let template = TextTemplate("$$p$1-{Side}")
        #expect(template.columns == ["Side"])
        #expect(template.filled(groups: ["10_left", "10"]) { $0 == "Side" ? "left" : nil } == "$p10-left")
        #expect(template.filled(groups: ["10_left", "10"]) == nil)
        #expect(TextTemplate("$2").filled(groups: ["a", "b"]) == nil)
    }
}
