/// One statement as people type it: semicolons and comments around it are fine.
///
/// Of several, SQLite would run the first and PostgreSQL none; of an empty text, one makes an error and the other a
/// result without columns. So they are counted before either is asked, outside of strings, quoted names and comments.
package struct TypedStatement: Sendable, Hashable {
    /// Why a text is not one statement.
    package enum Problem: Error, Sendable, Hashable, CustomStringConvertible {
        case empty
        case several(Int)

        /// What is wrong with the text and what to do, without the full stop.
        package var reason: String {
            switch self {
            case .empty: "it holds no statement; write one, such as SELECT count(*) FROM slice"
            case .several(let count): "it holds more than one statement (\(count)); run them one by one"
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
        self.text = statement.map(\.text).joined()
    }
}
