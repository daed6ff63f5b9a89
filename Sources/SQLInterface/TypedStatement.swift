/// One statement as people type it: semicolons and comments around it are fine.
///
/// Of several, SQLite would run the first and PostgreSQL none; of an empty text, one makes an error and the other a
/// result without columns. So they are counted before either is asked, outside of strings, quoted names and comments.
package struct TypedStatement: Sendable, Hashable {
    /// Why a text is not one statement.
    package enum Problem: Error, Sendable, Hashable, CustomStringConvertible {
        case empty
        case several(Int)
        /// A parameter, such as `$1`: whoever types a statement has no values for it.
        case parameter(String)

        /// What is wrong with the text and what to do, without the full stop.
        package var reason: String {
            switch self {
            case .empty: "it holds no statement; write one, such as SELECT count(*) FROM slice"
            case .several(let count): "it holds more than one statement (\(count)); run them one by one"
            case .parameter(let sign): "the parameter \(sign) has no value; write the value itself"
            }
        }

        package var description: String { "The SQL cannot be run: \(reason)." }
    }

    /// The statement, without the semicolons around it.
    package let text: String

    package init(_ text: String) throws(Problem) {
        let parts = Array(SQLTokens(text)).split { $0.kind == .symbol(UInt8(ascii: ";")) }
        let statements = parts.filter { !$0.allSatisfy(\.isSpaceOrComment) }
        guard let statement = statements.first else { throw .empty }
        guard statements.count == 1 else { throw .several(statements.count) }
        if let parameter = Self.parameter(in: statement) { throw .parameter(parameter) }
        self.text = statement.map(\.text).joined()
    }

    /// The first parameter that wants a value, `$1` or `?1`; in `a$1` the sign belongs to the name.
    private static func parameter(in tokens: ArraySlice<SQLTokens.Token>) -> String? {
        var previous: SQLTokens.Token.Kind?
        for token in tokens {
            if case .parameter = token.kind, previous != .word { return String(token.text) }
            previous = token.kind
        }
        return nil
    }
}
