import Testing
import Yams

@testable import Domains

@Suite struct VocabularyTests {
    /// A vocabulary of one domain whose description is the given lines.
    private static func read(_ domain: String, top: String = "") throws -> Vocabulary {
        let indented = domain.split(separator: "\n").joined(separator: "\n    ")
        let text = "vocabulary: v\nversion: \"1\"\n\(top)domains:\n  - \(indented)\n"
        do {
            return try YAMLDecoder().decode(Vocabulary.self, from: text)
        } catch {
            throw DomainError(reading: "v.yaml", failure: error)
        }
    }

    private static func refusal(_ domain: String, top: String = "") -> String? {
        do {
            _ = try read(domain, top: top)
            return nil
        } catch {
            return "\(error)"
        }
    }

    private static let head = "name: sex\nlevels: [patient]\nvalues: term\nterms: [{name: male}]\n"

    @Test func `every rule is read from YAML`() throws {
        let vocabulary = try Self.read(
            Self.head + """
                rules:
                  - trim
                  - collapse_space
                  - case_fold
                  - replace: {pattern: a, with: b}
                  - blank: male
                  - exact: {"0": male}
                  - alias
                  - regex: {pattern: a, term: male}
                  - regex: {pattern: (a), terms: [$1, male]}
                  - split: ["+", " and "]
                  - number
                  - number: {decimal: ",", grouping: ".", units: {y: 1, mo: 12}}
                  - text
                  - quarantine: {pattern: x, reason: unclear}
                  - drop: {values: [x, "0"], reason: nothing}
                default: {term: male}
                """)
        #expect(
            vocabulary.domains.first?.rules == [
                .trim, .collapseSpace, .caseFold, .replace(pattern: "a", template: "b"), .blank(term: "male"),
                .exact(["0": "male"]), .alias, .regex(pattern: "a", terms: ["male"]),
                .regex(pattern: "(a)", terms: ["$1", "male"]), .split(separators: ["+", " and "]),
                .number(NumberFormat()),
                .number(NumberFormat(decimal: ",", grouping: ".", units: ["y": 1, "mo": 12])), .text,
                .quarantine(.pattern("x"), reason: "unclear"), .drop(.values(["x", "0"]), reason: "nothing"),
            ])
        #expect(vocabulary.domains.first?.unmatched == .term("male"))
    }

    @Test func `an unknown key is named with its place and the known ones`() throws {
        let inRule = Self.refusal(Self.head + "rules: [trim, {regex: {patern: a, term: male}}]")
        #expect(
            inRule == "Vocabulary v.yaml: at domains[0].rules[1].regex, the key 'patern' is unknown; "
                + "the known keys are pattern, term, terms.")
        let inDomain = Self.refusal(Self.head + "rules: []\ncolumn: [Sex]")
        #expect(inDomain?.contains("at domains[0], the key 'column' is unknown") == true)
        let atTop = Self.refusal(Self.head + "rules: []", top: "extra: 1\n")
        #expect(atTop?.contains("Vocabulary v.yaml: the key 'extra' is unknown") == true)
    }

    @Test(arguments: [
        ("rules: [strip]", "at domains[0].rules[0], the rule 'strip' is unknown"),
        ("rules: [split]", "the rule 'split' needs arguments"),
        ("rules: [{trim: x}]", "the rule 'trim' takes no arguments"),
        ("rules: [{blank: male, exact: {a: male}}]", "a rule has exactly one kind; this one has 2"),
        ("rules: [{regex: {pattern: a}}]", "names either one 'term' or a list of 'terms'"),
        ("rules: [{drop: {reason: r}}]", "names either a 'pattern' or a list of 'values'"),
        ("rules: [{drop: {pattern: a}}]", "the key 'reason' is missing"),
        ("rules: [{number: {decimal: x}}]", "the decimal separator is 'x'"),
        ("rules: []\ndefault: keep", "the default is 'keep'"),
        ("", "the key 'rules' is missing"),
    ])
    func `a mistake in the form is one sentence`(_ lines: String, _ sentence: String) {
        let refusal = Self.refusal(Self.head + lines)
        #expect(refusal?.contains(sentence) == true, "\(refusal ?? "accepted")")
    }

    @Test func `text that is not YAML is refused`() {
        let refusal = Self.refusal("name: [")
        #expect(refusal == "Vocabulary v.yaml: the file is not valid YAML; correct its syntax.")
    }

    @Test func `columns are found without regard to case and breaks`() throws {
        let vocabulary = try Self.read(
            Self.head + "rules: [alias]\ncolumns: [Sex (of patient)]", top: "keys: {patient: [Patient Number]}\n")
        #expect(vocabulary.domain(forColumn: " SEX\n(of  patient)", level: .patient)?.name == "sex")
        #expect(vocabulary.domain(forColumn: "Sex (of patient)", level: .slice) == nil)
        #expect(vocabulary.keyRole(forColumn: "\u{FEFF}patient number ") == "patient")
        #expect(vocabulary.keyRole(forColumn: "Sex") == nil)
    }

    @Test func `a column may feed one domain only, and a name stand once`() {
        func domain(_ name: String, _ level: LabelLevel) -> LabelDomain {
            LabelDomain(name: name, levels: [level], valueKind: .text, rules: [.text], columns: ["Note"])
        }
        func refusal(_ domains: [LabelDomain], keys: [String: [String]] = [:]) -> DomainError.Code? {
            do {
                _ = try Vocabulary(name: "v", version: "1", keys: keys, domains: domains).rulesets()
                return nil
            } catch {
                return error.code
            }
        }
        #expect(refusal([domain("a", .slice), domain("b", .patient)]) == nil)
        #expect(refusal([domain("a", .slice), domain("b", .slice)]) == .ambiguous)
        #expect(refusal([domain("a", .slice), domain("a", .patient)]) == .ambiguous)
        #expect(refusal([domain("a", .slice)], keys: ["patient": ["NOTE"]]) == .ambiguous)
    }
}
