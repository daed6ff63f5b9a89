/// A regular expression as a tree.
indirect enum PatternNode: Sendable, Equatable {
    case empty
    case scalars(ScalarSet)
    case assertion(PatternAssertion)
    case sequence([PatternNode])
    case alternatives([PatternNode])
    case group(PatternNode, index: Int)
    /// `maximum` is `nil` where there is no upper bound.
    case repetition(PatternNode, minimum: Int, maximum: Int?, isLazy: Bool)
}

enum PatternAssertion: Sendable, Equatable { case textStart, textEnd, wordBoundary, noWordBoundary }

/// Reads the text of a pattern; `Pattern` gives the syntax.
struct PatternParser {
    private static let maximumLength = 1_000
    private static let maximumDepth = 32
    private static let maximumCount = 1_000

    private let scalars: [Unicode.Scalar]
    private var position = 0
    private var depth = 0
    private(set) var groupCount = 0

    init(_ source: String) { scalars = Array(source.unicodeScalars) }

    mutating func parse() throws(PatternError) -> PatternNode {
        guard scalars.count <= Self.maximumLength else {
            throw failure("is longer than \(Self.maximumLength) characters")
        }
        let tree = try alternatives()
        guard position == scalars.count else { throw failure("has a ')' without a '('") }
        return tree
    }

    private var next: Unicode.Scalar? { position < scalars.count ? scalars[position] : nil }

    private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard next == scalar else { return false }
        position += 1
        return true
    }

    private func failure(_ reason: String) -> PatternError { PatternError(offset: position, reason: reason) }

    private mutating func alternatives() throws(PatternError) -> PatternNode {
        var branches = [try sequence()]
        while take("|") { branches.append(try sequence()) }
        return branches.count == 1 ? branches[0] : .alternatives(branches)
    }

    private mutating func sequence() throws(PatternError) -> PatternNode {
        var parts: [PatternNode] = []
        while let scalar = next, scalar != "|", scalar != ")" {
            parts.append(try repeated(try atom()))
        }
        return parts.count == 1 ? parts[0] : parts.isEmpty ? .empty : .sequence(parts)
    }

    private mutating func repeated(_ node: PatternNode) throws(PatternError) -> PatternNode {
        guard let (minimum, maximum) = try quantifier() else { return node }
        if case .assertion = node { throw failure("repeats an anchor; remove the quantifier") }
        let isLazy = take("?")
        if let scalar = next, scalar == "*" || scalar == "+" || scalar == "?" {
            throw failure("has a quantifier after a quantifier; put the first in a group")
        }
        return .repetition(node, minimum: minimum, maximum: maximum, isLazy: isLazy)
    }

    private mutating func quantifier() throws(PatternError) -> (Int, Int?)? {
        if take("*") { return (0, nil) }
        if take("+") { return (1, nil) }
        if take("?") { return (0, 1) }
        guard take("{") else { return nil }
        guard let minimum = count() else { throw failure("has a '{' without a count; write '\\{' for a brace") }
        var maximum: Int? = minimum
        if take(",") { maximum = count() }
        guard take("}") else { throw failure("has a '{' without a '}'") }
        guard minimum <= maximum ?? minimum else { throw failure("repeats at least more often than at most") }
        guard max(minimum, maximum ?? 0) <= Self.maximumCount else {
            throw failure("repeats more than \(Self.maximumCount) times")
        }
        return (minimum, maximum)
    }

    private mutating func count() -> Int? {
        var digits = ""
        while let scalar = next, ("0"..."9").contains(scalar), digits.count < 9 {
            digits.unicodeScalars.append(scalar)
            position += 1
        }
        return Int(digits)
    }

    private mutating func atom() throws(PatternError) -> PatternNode {
        guard let scalar = next else { return .empty }
        switch scalar {
        case "(": return try group()
        case "[":
            position += 1
            return .scalars(try bracket())
        case "\\": return try escape()
        case "*", "+", "?", "{": throw failure("has a quantifier that repeats nothing")
        default:
            position += 1
            switch scalar {
            case "^": return .assertion(.textStart)
            case "$": return .assertion(.textEnd)
            case ".": return .scalars(ScalarSet(["\n"]).inverted)
            default: return .scalars(ScalarSet([scalar]))
            }
        }
    }

    private mutating func group() throws(PatternError) -> PatternNode {
        position += 1
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.maximumDepth else { throw failure("nests more than \(Self.maximumDepth) groups") }
        var index: Int?
        if take("?") {
            guard take(":") else { throw failure("uses look-around, a named group or a flag, which are not supported") }
        } else {
            groupCount += 1
            index = groupCount
        }
        let body = try alternatives()
        guard take(")") else { throw failure("has a '(' without a ')'") }
        return index.map { .group(body, index: $0) } ?? body
    }

    private mutating func escape() throws(PatternError) -> PatternNode {
        if position + 1 < scalars.count {
            switch scalars[position + 1] {
            case "b":
                position += 2
                return .assertion(.wordBoundary)
            case "B":
                position += 2
                return .assertion(.noWordBoundary)
            default: break
            }
        }
        return .scalars(try escapedSet())
    }

    /// What `\d`, `\.` and the like stand for, within brackets and outside.
    private mutating func escapedSet() throws(PatternError) -> ScalarSet {
        position += 1
        guard let scalar = next else { throw failure("ends in a single backslash") }
        position += 1
        switch scalar {
        case "d": return .digits
        case "D": return ScalarSet.digits.inverted
        case "w": return .wordCharacters
        case "W": return ScalarSet.wordCharacters.inverted
        case "s": return .whiteSpace
        case "S": return ScalarSet.whiteSpace.inverted
        case "t": return ScalarSet(["\t"])
        case "n": return ScalarSet(["\n"])
        case "r": return ScalarSet(["\r"])
        default:
            position -= 1
            guard !ScalarSet.wordCharacters.contains(scalar) else {
                throw failure("uses '\\\(scalar)', which is not supported")
            }
            position += 1
            return ScalarSet([scalar])
        }
    }

    private mutating func bracket() throws(PatternError) -> ScalarSet {
        let isNegated = take("^")
        var set = ScalarSet([])
        var isFirst = true
        while let scalar = next, isFirst || scalar != "]" {
            isFirst = false
            let lower = try bracketItem()
            guard next == "-", position + 1 < scalars.count, scalars[position + 1] != "]" else {
                set.formUnion(lower)
                continue
            }
            position += 1
            let upper = try bracketItem()
            guard let first = lower.only, let last = upper.only, first <= last else {
                throw failure("has a range in brackets that does not run upwards between two characters")
            }
            set.formUnion(ScalarSet(ranges: [first.value...last.value]))
        }
        guard take("]") else { throw failure("has a '[' without a ']'") }
        return isNegated ? set.inverted : set
    }

    private mutating func bracketItem() throws(PatternError) -> ScalarSet {
        guard let scalar = next else { throw failure("has a '[' without a ']'") }
        if scalar == "\\" { return try escapedSet() }
        position += 1
        return ScalarSet([scalar])
    }
}
