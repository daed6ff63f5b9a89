internal import SQLInterface

/// Reads the `parameter` CTE at the head of a query; see ``NamedQuery``.
struct ParameterParser {
    private let tokens: [SQLTokens.Token]
    private var position = 0

    init(_ tokens: [SQLTokens.Token]) {
        self.tokens = tokens
    }

    /// The parameters declared; none when the text does not start with the CTE.
    mutating func parse() -> [NamedQuery.Parameter] {
        guard accept("WITH") else { return [] }
        _ = accept("RECURSIVE")
        guard accept("PARAMETER"), accept("AS") else { return [] }
        if accept("NOT") || isNext("MATERIALIZED") { _ = accept("MATERIALIZED") }
        guard accept(symbol: "("), accept("SELECT") else { return [] }
        var parameters: [NamedQuery.Parameter] = []
        while let parameter = parseItem() {
            parameters.append(parameter)
            guard accept(symbol: ",") else { break }
        }
        return parameters.map(addingNote)
    }

    /// `CAST(expression AS type) AS name`.
    private mutating func parseItem() -> NamedQuery.Parameter? {
        guard accept("CAST"), accept(symbol: "(") else { return nil }
        skipSpace()
        let start = position
        guard let asIndex = indexOfTopLevelAs() else { return nil }
        var end = asIndex
        while end > start, tokens[end - 1].isSpaceOrComment { end -= 1 }
        position = asIndex + 1
        var typeWords: [String] = []
        while let word = acceptWord() { typeWords.append(word.lowercased()) }
        guard accept(symbol: ")"), accept("AS"), let name = acceptWord() else { return nil }
        let defaultSQL = tokens[start..<end].map(\.text).joined()
        return NamedQuery.Parameter(
            name: name, type: Self.type(typeWords), defaultSQL: defaultSQL, note: "", tokens: start..<end)
    }

    private static func type(_ words: [String]) -> NamedQuery.Parameter.ValueType {
        switch words.first ?? "" {
        case "integer", "bigint", "smallint", "int": .integer
        case "real", "double", "numeric", "float": .real
        case "boolean": .boolean
        default: .text
        }
    }

    /// The `AS` that ends the expression, outside parentheses.
    private func indexOfTopLevelAs() -> Int? {
        var depth = 0
        for index in position..<tokens.count {
            switch tokens[index].kind {
            case .symbol(UInt8(ascii: "(")): depth += 1
            case .symbol(UInt8(ascii: ")")):
                depth -= 1
                if depth < 0 { return nil }
            case .word where depth == 0 && tokens[index].text.uppercased() == "AS": return index
            default: break
            }
        }
        return nil
    }

    /// The comment on the line where the declaration ends.
    private func addingNote(_ parameter: NamedQuery.Parameter) -> NamedQuery.Parameter {
        let end = tokens[parameter.tokens.upperBound...].firstIndex { token in
            token.kind == .comment || (token.kind == .space && token.text.contains("\n"))
        }
        guard let end, tokens[end].kind == .comment else { return parameter }
        let note = tokens[end].text.drop { $0 == "-" || $0 == " " }
        return NamedQuery.Parameter(
            name: parameter.name, type: parameter.type, defaultSQL: parameter.defaultSQL, note: String(note),
            tokens: parameter.tokens)
    }

    // MARK: Tokens

    private mutating func skipSpace() {
        while position < tokens.count, tokens[position].isSpaceOrComment { position += 1 }
    }

    private mutating func isNext(_ word: String) -> Bool {
        skipSpace()
        return position < tokens.count && tokens[position].kind == .word && tokens[position].text.uppercased() == word
    }

    private mutating func accept(_ word: String) -> Bool {
        guard isNext(word) else { return false }
        position += 1
        return true
    }

    private mutating func acceptWord() -> String? {
        skipSpace()
        guard position < tokens.count, tokens[position].kind == .word else { return nil }
        position += 1
        return String(tokens[position - 1].text)
    }

    private mutating func accept(symbol: Unicode.Scalar) -> Bool {
        skipSpace()
        guard position < tokens.count, tokens[position].kind == .symbol(UInt8(ascii: symbol)) else { return false }
        position += 1
        return true
    }
}
