/// A statement whose values are bound, never spliced into the text.
///
/// An interpolated value becomes a parameter: `"SELECT 1 FROM slice WHERE slice_id = \(id)"`. Anything else that is
/// spliced must say what it is: `\(identifier: name)`, `\(sql: part)`, `\(raw: text)`.
///
/// Parameters are written `$1`, `$2`, … on both engines; SQLite reads `$1` as a named parameter, so one text serves both.
package struct SQL: Sendable, Hashable, ExpressibleByStringInterpolation {
    /// What stands between the parameters; a parameter is an index into ``parameters``.
    private enum Fragment: Sendable, Hashable {
        case text(String)
        case parameter(Int)
    }

    private var fragments: [Fragment] = []
    package private(set) var parameters: [SQLValue] = []
    /// What messages call the statement, such as the name of its file.
    package var name: String?

    /// A statement without parameters, in text that the program or a file of the project holds.
    package init(raw text: String) {
        fragments = [.text(text)]
    }

    /// A file's text, in which `$1` … `$n` already stand for the parameters.
    ///
    /// Placeholders inside strings, quoted names and comments are left alone.
    package init(file text: String, parameters: [SQLValue] = []) {
        self.parameters = parameters
        guard !parameters.isEmpty else {
            fragments = [.text(text)]
            return
        }
        for token in SQLTokens(text) {
            if case .parameter(let number) = token.kind, (1...parameters.count).contains(number) {
                fragments.append(.parameter(number - 1))
            } else {
                append(text: String(token.text))
            }
        }
    }

    package init(stringLiteral value: String) {
        self.init(raw: value)
    }

    package init(stringInterpolation: StringInterpolation) {
        self = stringInterpolation.sql
    }

    private init() {}

    /// The statement with `$1` … `$n` in place of the parameters.
    package var text: String {
        if fragments.count == 1, case .text(let text) = fragments[0] { return text }
        var result = ""
        for fragment in fragments {
            switch fragment {
            case .text(let text): result += text
            case .parameter(let index): result += "$\(index + 1)"
            }
        }
        return result
    }

    /// `name` as a quoted identifier: `"slice"`, with `"` doubled.
    package static func quoted(_ name: String) -> String {
        var result = "\""
        for character in name { result += character == "\"" ? "\"\"" : String(character) }
        return result + "\""
    }

    /// Appends a statement, renumbering its parameters after ours.
    package mutating func append(_ other: SQL) {
        let offset = parameters.count
        for fragment in other.fragments {
            switch fragment {
            case .text(let text): append(text: text)
            case .parameter(let index): fragments.append(.parameter(offset + index))
            }
        }
        parameters += other.parameters
    }

    private mutating func append(text: String) {
        if case .text(let last)? = fragments.last {
            fragments[fragments.count - 1] = .text(last + text)
        } else {
            fragments.append(.text(text))
        }
    }

    private mutating func bind(_ value: SQLValue) {
        fragments.append(.parameter(parameters.count))
        parameters.append(value)
    }
}

extension SQL {
    package struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var sql = SQL()

        package init(literalCapacity: Int, interpolationCount: Int) {
            sql.parameters.reserveCapacity(interpolationCount)
        }

        package mutating func appendLiteral(_ literal: String) {
            if !literal.isEmpty { sql.append(text: literal) }
        }

        /// Binds a value.
        package mutating func appendInterpolation(_ value: some SQLBindable) {
            sql.bind(value.sqlValue)
        }

        /// Binds a value, or NULL where there is none.
        package mutating func appendInterpolation(_ value: (some SQLBindable)?) {
            sql.bind(value?.sqlValue ?? .null)
        }

        /// Binds each value: `(…, …, …)` for `IN`. An empty list gives `(NULL)`, which contains nothing.
        package mutating func appendInterpolation(list values: [some SQLBindable]) {
            sql.append(text: "(")
            for (index, value) in values.enumerated() {
                if index > 0 { sql.append(text: ", ") }
                sql.bind(value.sqlValue)
            }
            sql.append(text: values.isEmpty ? "NULL)" : ")")
        }

        /// Splices a name, quoted.
        package mutating func appendInterpolation(identifier name: String) {
            sql.append(text: SQL.quoted(name))
        }

        /// Splices a statement with its parameters.
        package mutating func appendInterpolation(sql part: SQL) {
            sql.append(part)
        }

        /// Splices text as it is. Never text that came from outside.
        package mutating func appendInterpolation(raw text: String) {
            sql.append(text: text)
        }
    }
}
