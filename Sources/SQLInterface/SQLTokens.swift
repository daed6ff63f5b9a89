/// Cuts SQL into tokens, as far as both engines agree: enough to find words, parentheses and parameters while strings,
/// quoted names and comments are passed over. Joined, the tokens' texts are the input.
package struct SQLTokens: Sequence, IteratorProtocol {
    package struct Token: Sendable, Hashable {
        package enum Kind: Sendable, Hashable {
            case word
            case number
            case string
            case quotedName
            case comment
            case space
            /// `$3` or `?3`.
            case parameter(Int)
            case symbol(UInt8)
        }

        package let kind: Kind
        package let text: Substring
        package var isSpaceOrComment: Bool { kind == .space || kind == .comment }
    }

    private let source: String
    private var position: String.Index
    private var utf8: String.UTF8View { source.utf8 }

    package init(_ source: String) {
        self.source = source
        position = source.startIndex
    }

    package mutating func next() -> Token? {
        guard position < source.endIndex else { return nil }
        let start = position
        let kind = scan()
        return Token(kind: kind, text: source[start..<position])
    }

    private mutating func scan() -> Token.Kind {
        let first = utf8[position]
        switch first {
        case _ where Self.isSpace(first):
            skip(while: Self.isSpace)
            return .space
        case UInt8(ascii: "-") where peek(1) == UInt8(ascii: "-"):
            skip { $0 != UInt8(ascii: "\n") }
            return .comment
        case UInt8(ascii: "/") where peek(1) == UInt8(ascii: "*"):
            skipBlockComment()
            return .comment
        case UInt8(ascii: "'"):
            skipQuoted(first)
            return .string
        case UInt8(ascii: "\""):
            skipQuoted(first)
            return .quotedName
        case UInt8(ascii: "$"), UInt8(ascii: "?"):
            return scanDollar(first)
        case _ where Self.isDigit(first):
            skip { Self.isDigit($0) || $0 == UInt8(ascii: ".") }
            return .number
        case _ where Self.isWord(first):
            skip(while: Self.isWord)
            return .word
        default:
            advance()
            return .symbol(first)
        }
    }

    /// `$1`, or PostgreSQL's `$tag$ … $tag$`, or a lone sign.
    private mutating func scanDollar(_ sign: UInt8) -> Token.Kind {
        let start = position
        advance()
        let body = position
        skip(while: Self.isDigit)
        if let number = Int(source[body..<position]) { return .parameter(number) }
        guard sign == UInt8(ascii: "$") else { return .symbol(sign) }
        skip(while: Self.isWord)
        guard position < source.endIndex, utf8[position] == sign else {
            position = body
            return .symbol(sign)
        }
        advance()
        let tag = source[start..<position]
        while position < source.endIndex {
            if source[position...].utf8.starts(with: tag.utf8) {
                position = utf8.index(position, offsetBy: tag.utf8.count)
                return .string
            }
            advance()
        }
        return .string
    }

    private mutating func skipQuoted(_ quote: UInt8) {
        advance()
        while position < source.endIndex {
            let byte = utf8[position]
            advance()
            guard byte == quote else { continue }
            guard position < source.endIndex, utf8[position] == quote else { return }
            advance()
        }
    }

    private mutating func skipBlockComment() {
        advance()
        advance()
        while position < source.endIndex {
            if utf8[position] == UInt8(ascii: "*"), peek(1) == UInt8(ascii: "/") {
                advance()
                advance()
                return
            }
            advance()
        }
    }

    private mutating func skip(while matches: (UInt8) -> Bool) {
        while position < source.endIndex, matches(utf8[position]) { advance() }
    }

    private mutating func advance() {
        position = utf8.index(after: position)
    }

    private func peek(_ distance: Int) -> UInt8? {
        guard let index = utf8.index(position, offsetBy: distance, limitedBy: utf8.endIndex), index < utf8.endIndex
        else { return nil }
        return utf8[index]
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
    private static func isWord(_ byte: UInt8) -> Bool {
        (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || byte == 0x5F || isDigit(byte) || byte >= 0x80
    }
}
