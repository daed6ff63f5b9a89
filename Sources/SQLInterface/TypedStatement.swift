/// One statement as people type it: semicolons and comments around it are fine.
///
/// Of several, SQLite would run the first and PostgreSQL none; of an empty text, one makes an error and the other a
/// result without columns. So they are counted before either is asked, outside of strings, quoted names and comments.
package struct TypedStatement: Sendable, Hashable {
    /// Why a text is not one statement.
    package enum Problem: Error, Sendable, Hashable, CustomStringConvertible {
        case empty
        case several(Int)
        /// It changes a setting of the database or makes something temporary, which SQLite lets who only reads do.
        case writes
        /// A parameter, such as `$1`: whoever types a statement has no values for it.
        case parameter(String)

        /// What is wrong with the text and what to do, without the full stop.
        package var reason: String {
            switch self {
            case .empty: "it holds no statement; write one, such as SELECT count(*) FROM slice"
            case .several(let count): "it holds more than one statement (\(count)); run them one by one"
            case .writes: "the statement writes or changes a setting, and this connection only reads"
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
        guard !Self.writesBesideRows(statement) else { throw .writes }
        if let parameter = Self.parameter(in: statement) { throw .parameter(parameter) }
        self.text = statement.map(\.text).joined()
    }

    // MARK: Writing beside rows

    /// Read-only connections of SQLite refuse to change rows; PRAGMAs they run, or fail with an error of the disk, and
    /// temporary tables are made.
    private static func writesBesideRows(_ statement: ArraySlice<SQLTokens.Token>) -> Bool {
        var words = statement.filter { !$0.isSpaceOrComment }.map { $0.text.lowercased() }[...]
        // EXPLAIN runs a PRAGMA that acts while it is compiled.
        if words.first == "explain" { words = words.dropFirst().drop(while: { ["query", "plan"].contains($0) }) }
        switch words.first ?? "" {
        case "create": return ["temp", "temporary"].contains(words.dropFirst().first ?? "")
        case "pragma": return isWriting(pragma: words.dropFirst())
        default: return false
        }
    }

    /// `[schema.]name`, `name = value` or `name(value)`: with a value, all but those that look something up set it.
    private static func isWriting(pragma words: ArraySlice<String>) -> Bool {
        var words = words
        if words.dropFirst().first == "." { words = words.dropFirst(2) }
        let name = (words.first ?? "").filter { !"\"'`[]".contains($0) }
        if lookingPragmas.contains(name) { return false }
        return actingPragmas.contains(name) || words.count > 1
    }

    /// **Source** https://www.sqlite.org/pragma.html
    private static let lookingPragmas: Set<String> = [
        "foreign_key_check", "foreign_key_list", "index_info", "index_list", "index_xinfo", "integrity_check",
        "quick_check", "table_info", "table_list", "table_xinfo",
    ]
    private static let actingPragmas: Set<String> = [
        "incremental_vacuum", "optimize", "shrink_memory", "wal_checkpoint",
    ]

    // MARK: Parameters

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
