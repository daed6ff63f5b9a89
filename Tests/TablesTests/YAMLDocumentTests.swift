import Tables
import Testing

@Suite struct YAMLDocumentTests {
    private struct Vocabulary: Decodable, Equatable {
        struct Term: Decodable, Equatable {
            let name: String
            let aliases: [String]?
        }
        let domain: String
        let version: Int
        let terms: [Term]
    }

    @Test func `a document is decoded`() throws {
        let text = """
            domain: condition
            version: 3
            terms:
              - name: no
                aliases: [Normal CT, "1"]
              - name: Extradural HGE
            """
        let vocabulary = try YAMLDocument.decode(Vocabulary.self, from: text)
        let terms = [
            Vocabulary.Term(name: "no", aliases: ["Normal CT", "1"]),
            Vocabulary.Term(name: "Extradural HGE", aliases: nil),
        ]
        #expect(vocabulary == Vocabulary(domain: "condition", version: 3, terms: terms))
    }

    @Test func `a missing key is named with its place and line`() {
        let text = "domain: x\nversion: 1\nterms:\n  - name: a\n  - aliases: [b]\n"
        let error = errorOf { try YAMLDocument.decode(Vocabulary.self, from: text) }
        #expect(error?.code == .unexpectedYAML)
        #expect(error?.line == 5)
        #expect(error?.reason == "the key \"name\" is missing at terms.[1]")
    }

    @Test func `a value of the wrong kind is named with its line`() {
        let text = "domain: x\nversion: three\nterms: []\n"
        let error = errorOf { try YAMLDocument.decode(Vocabulary.self, from: text) }
        #expect(error?.code == .unexpectedYAML)
        #expect(error?.line == 2)
    }

    @Test func `text that is no YAML is refused with its line`() {
        let error = errorOf { try YAMLDocument.decode(Vocabulary.self, from: "domain: x\nterms: [a, b\nversion: 1\n") }
        #expect(error?.code == .invalidYAML)
        #expect(error?.line == 3)
        let doubled = errorOf { try YAMLDocument.decode(Vocabulary.self, from: "domain: x\ndomain: y\n") }
        #expect(doubled?.code == .invalidYAML)
    }

    @Test func `an empty document and bytes that are no text are refused`() {
        #expect(codeOf { try YAMLDocument.decode(Vocabulary.self, from: "") } == .unexpectedYAML)
        #expect(codeOf { try YAMLDocument.decode(Vocabulary.self, from: [0xFF, 0xC0] as [UInt8]) } == .invalidYAML)
    }
}
