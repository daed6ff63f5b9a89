/// A regular expression that takes linear time on every text.
///
/// A vocabulary is a user's file, so a pattern such as `(a+)+$` must not be able to stop an ingest; and equal rules
/// must read a value alike in every release. Swift's `Regex` backtracks, which takes exponential time there, and is
/// not `Sendable`. This engine simulates the automaton instead, one pass over the text.
///
/// Syntax: literals, `.` (all but a newline), `[a-z]` `[^…]`, `\d \w \s` and `\D \W \S` (`\d` and `\w` are ASCII),
/// `^ $` (the ends of the text), `\b \B`, `( )` groups, `(?: )`, `|`, `* + ? {2} {2,} {2,5}` and their lazy forms,
/// `\t \n \r`, `\` before punctuation. Of several matches the leftmost is taken, and there the one Perl would take,
/// except that a repeated group is not entered once more to match nothing (as in RE2). Back-references and look-around
/// are refused, since no linear engine has them. Short texts go through `PatternBacktracker`, which answers alike.
///
/// **Cost** length of the text × size of the program; a program has at most 1,000 instructions.
/// **Source** R. Cox, "Regular Expression Matching: the Virtual Machine Approach" (2009), Pike's algorithm.
struct Pattern: Sendable {
    let source: String
    /// The number of capturing groups, the whole match not counted.
    let groupCount: Int
    let program: [PatternInstruction]

    init(_ source: String) throws(PatternError) {
        var parser = PatternParser(source)
        let tree = try parser.parse()
        var compiler = PatternCompiler()
        program = try compiler.compile(tree)
        groupCount = parser.groupCount
        self.source = source
    }

    /// The leftmost match at or after `start`.
    func firstMatch(in text: [Unicode.Scalar], from start: Int = 0) -> PatternMatch? {
        if PatternBacktracker.suits(program, text: text) {
            var backtracker = PatternBacktracker(program: program, groupCount: groupCount, text: text)
            return backtracker.firstMatch(from: start)
        }
        var machine = PatternMachine(program: program, groupCount: groupCount, text: text)
        return machine.firstMatch(from: start)
    }

    func matches(_ text: String) -> Bool { firstMatch(in: Array(text.unicodeScalars)) != nil }

    /// The text with each match replaced; `$0`…`$9` in the template are the match and its groups, `$$` is a dollar.
    func replacingMatches(in text: String, with template: String) -> String {
        let scalars = Array(text.unicodeScalars)
        var result = String.UnicodeScalarView()
        var position = 0
        while let match = firstMatch(in: scalars, from: position) {
            result.append(contentsOf: scalars[position..<match.range.lowerBound])
            append(template, of: match, in: scalars, to: &result)
            position = match.range.upperBound
            guard match.range.isEmpty else { continue }
            guard position < scalars.count else { break }
            // An empty match consumes nothing: step over one scalar, or the search would stand still.
            result.append(scalars[position])
            position += 1
        }
        if position < scalars.count { result.append(contentsOf: scalars[position...]) }
        return String(result)
    }

    private func append(
        _ template: String, of match: PatternMatch, in text: [Unicode.Scalar],
        to result: inout String.UnicodeScalarView
    ) {
        var rest = template.unicodeScalars[...]
        while let scalar = rest.popFirst() {
            guard scalar == "$", let next = rest.first else {
                result.append(scalar)
                continue
            }
            if let group = Int(String(next)), group <= groupCount {
                rest.removeFirst()
                if let range = match.groups[group] { result.append(contentsOf: text[range]) }
            } else {
                if next == "$" { rest.removeFirst() }
                result.append(scalar)
            }
        }
    }
}

/// Where a pattern matched, in scalars of the text.
struct PatternMatch: Sendable, Equatable {
    /// The whole match, then each group; `nil` for a group that took no part.
    let groups: [Range<Int>?]

    var range: Range<Int> { groups[0] ?? 0..<0 }
}

/// What is wrong with the text of a pattern, and at which scalar, from 0.
struct PatternError: Error, Equatable {
    let offset: Int
    let reason: String
}
