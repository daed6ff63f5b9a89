import Testing

@testable import Domains

@Suite struct PatternTests {
    struct Expectation: Sendable, CustomTestStringConvertible {
        let pattern: String
        let text: String
        /// The match and its groups as (start, end), (-1, -1) for a group that took no part; empty for no match.
        let groups: [[Int]]

        init(_ pattern: String, _ text: String, _ groups: [[Int]]) {
            self.pattern = pattern
            self.text = text
            self.groups = groups
        }

        var testDescription: String { "\(pattern) on '\(text)'" }
    }

    /// Values of Python 3.11: `m = re.search(p, t, re.ASCII); [m.span(i) for i in range(groups + 1)]`, `$` being `\Z`.
    static let python: [Expectation] = [
        .init("a|ab", "ab", [[0, 1]]),
        .init("(a|ab)(c|bcd)", "abcd", [[0, 4], [0, 1], [1, 4]]),
        .init("(?:a|ab)(?:c|bcd)$", "xabcd", [[1, 5]]),
        .init("a*?b", "aaab", [[0, 4]]),
        .init("(a+?)(a*)", "aaa", [[0, 3], [0, 1], [1, 3]]),
        .init("(a+)(a*)", "aaa", [[0, 3], [0, 3], [3, 3]]),
        .init("(a){2,3}", "aaaa", [[0, 3], [2, 3]]),
        .init("z{0,2}?$", "zzz", [[1, 3]]),
        .init("(b)?a", "a", [[0, 1], [-1, -1]]),
        .init(#"\bchronic\b"#, "a chronic case", [[2, 9]]),
        .init(#"\bchronic\b"#, "subchronic", []),
        .init(#"o\B"#, "go on", [[3, 4]]),
        .init("^$", "", [[0, 0]]),
        .init("a.c", "a\nc", []),
        .init("[^a]c", "acbc", [[2, 4]]),
        .init("[]a]+", "b]a]", [[1, 4]]),
        .init("[a-]+", "b-a", [[1, 3]]),
        .init(#"[\d.]+\s*(y|m)"#, "age 3.5 m", [[4, 9], [8, 9]]),
        .init(#"[^\W\d]+"#, "12ab", [[2, 4]]),
        .init("(a|b)*c|(a|ab)*c", "abc", [[0, 3], [1, 2], [-1, -1]]),
        .init("é+", "caféé", [[3, 5]]),
        .init(#"^(\d+(?:\.\d+)?)\s*\+\s*(\d+)$"#, "1.5 + 22", [[0, 8], [0, 3], [6, 8]]),
    ]

    @Test(arguments: python)
    func `a match and its groups stand where Python finds them`(_ expected: Expectation) throws {
        let match = try Pattern(expected.pattern).firstMatch(in: Array(expected.text.unicodeScalars))
        let groups = match?.groups.map { $0.map { [$0.lowerBound, $0.upperBound] } ?? [-1, -1] } ?? []
        #expect(groups == expected.groups)
    }

    @Test(arguments: [
        ("(", "has a '(' without a ')'"), (")", "has a ')' without a '('"), ("[a", "has a '[' without a ']'"),
        ("a**", "has a quantifier after a quantifier; put the first in a group"),
        ("+a", "has a quantifier that repeats nothing"), ("a{3,2}", "repeats at least more often than at most"),
        ("a{", "has a '{' without a count; write '\\{' for a brace"),
        ("[z-a]", "has a range in brackets that does not run upwards between two characters"),
        ("a\\", "ends in a single backslash"), (#"(a)\1"#, #"uses '\1', which is not supported"#),
        ("(?=a)", "uses look-around, a named group or a flag, which are not supported"),
        ("(?:(?:a{100}){100}){100}", "is too large; repeat less or split the rule"),
    ])
    func `a pattern that cannot be read is refused with a reason`(_ source: String, _ reason: String) {
        #expect { try Pattern(source) } throws: { ($0 as? PatternError)?.reason == reason }
    }

    @Test func `deep nesting is refused before it can exhaust the stack`() {
        let source = String(repeating: "(", count: 400) + String(repeating: ")", count: 400)
        #expect(throws: PatternError.self) { try Pattern(source) }
    }

    /// With a backtracking engine the first of these takes longer than the universe has existed.
    @Test(arguments: ["^(a+)+$", "^(a|a)*$", "(a*)*b", "(?:a?){100}a{100}b"])
    func `no pattern takes more than linear time`(_ source: String) throws {
        let text = String(repeating: "a", count: 10_000) + "!"
        #expect(try Pattern(source).matches(text) == false)
    }

    /// Values of Python 3.11: `re.sub(p, t, s)` with `$1` for `\1`.
    @Test(arguments: [
        ("a", "b", "banana", "bbnbnb"), (#"(\w+) (\w+)"#, "$2 $1", "one two three", "two one three"),
        ("x*", "-", "abc", "-a-b-c-"), ("(a)|b", "<$1>", "ab", "<a><>"), ("b", "$$0", "abc", "a$0c"),
        ("^", "> ", "a", "> a"),
    ])
    func `every match is replaced`(_ pattern: String, _ template: String, _ text: String, _ expected: String) throws {
        #expect(try Pattern(pattern).replacingMatches(in: text, with: template) == expected)
    }

    /// Both engines follow the same program; each is the other's second opinion.
    @Test func `short texts are read as long ones are`() throws {
        var state: UInt64 = 42
        func pick(_ choices: [String]) -> String {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return choices[Int(state >> 33) % choices.count]
        }
        func pattern(_ depth: Int) -> String {
            guard depth > 0 else { return pick(["a", "b", "[ab]", "[^a]", ".", "^", "$", #"\b"#, "(?:)"]) }
            return switch pick(["sequence", "either", "group", "repeat"]) {
            case "sequence": pattern(depth - 1) + pattern(depth - 1)
            case "either": "(?:\(pattern(depth - 1))|\(pattern(depth - 1)))"
            case "group": "(\(pattern(depth - 1)))"
            default: "(?:\(pattern(depth - 1)))" + pick(["*", "+", "?", "*?", "+?", "??", "{2}", "{1,2}"])
            }
        }
        for _ in 0..<2_000 {
            let source = pattern(4)
            guard let compiled = try? Pattern(source) else { continue }
            for _ in 0..<4 {
                let text = Array((0..<6).map { _ in pick(["a", "b", " ", ""]) }.joined().unicodeScalars)
                var machine = PatternMachine(
                    program: compiled.program, groupCount: compiled.groupCount, text: text)
                #expect(
                    compiled.firstMatch(in: text) == machine.firstMatch(from: 0),
                    "\(source) on '\(String(String.UnicodeScalarView(text)))'")
            }
        }
    }
}
