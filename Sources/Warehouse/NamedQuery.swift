package import SQLInterface

/// A query in a file, and the parameters that its first CTE declares.
///
/// The file starts, after comments, with
///
///     WITH parameter AS (
///         SELECT
///             CAST(NULL AS text) AS dataset_name, -- only this dataset; NULL for all
///             CAST(10 AS integer) AS limit_count -- how many rows
///     )
///
/// and so runs alone with its defaults. ``sql(setting:)`` replaces what stands inside a `CAST(… AS type)` by a bound
/// value of that type. A file without such a CTE has no parameters.
package struct NamedQuery: Sendable {
    package struct Parameter: Sendable, Hashable {
        package enum ValueType: String, Sendable {
            case integer
            case real
            case boolean
            case text
        }

        package let name: String
        package let type: ValueType
        /// The SQL of the default value, such as `NULL` or `10`.
        package let defaultSQL: String
        /// The comment beside the parameter.
        package let note: String
        /// The tokens of the default value.
        let tokens: Range<Int>
    }

    package let name: String
    /// Where the file is, below the library's home.
    package let path: String
    /// The first line of the file's comment.
    package let title: String
    /// Tables and views that it reads, by the line `-- Inputs:` of the file's comment.
    package let inputs: [String]
    package let parameters: [Parameter]
    private let tokens: [SQLTokens.Token]

    init(name: String, path: String, text: String) {
        self.name = name
        self.path = path
        title = Self.title(of: text)
        inputs = Self.inputs(of: text)
        tokens = Array(SQLTokens(text))
        var parser = ParameterParser(tokens)
        parameters = parser.parse()
    }

    /// All rows of a view.
    init(name: String, path: String, view: String, header: String) {
        self.name = name
        self.path = path
        title = Self.title(of: header)
        inputs = [view]
        tokens = Array(SQLTokens("SELECT * FROM \(SQL.quoted(view))"))
        parameters = []
    }

    /// The statement, with the named parameters bound and the others at their defaults.
    ///
    /// - Parameter settings: Parameter name → value as typed on a command line; `NULL` means none.
    /// **Throws** `parameterUnknown`, `parameterInvalid`, naming the parameter and not the value.
    package func sql(setting settings: [String: String] = [:]) throws(WarehouseError) -> SQL {
        for unknown in settings.keys.sorted() where !parameters.contains(where: { $0.name == unknown }) {
            throw unknownParameter(unknown)
        }
        var sql = SQL(raw: "")
        var next = 0
        for parameter in parameters {
            guard let setting = settings[parameter.name] else { continue }
            sql.append(SQL(raw: text(next..<parameter.tokens.lowerBound)))
            sql.append("\(try value(setting, for: parameter))")
            next = parameter.tokens.upperBound
        }
        sql.append(SQL(raw: text(next..<tokens.count)))
        sql.name = name
        return sql
    }

    private func text(_ range: Range<Int>) -> String {
        tokens[range].map(\.text).joined()
    }

    private func value(_ text: String, for parameter: Parameter) throws(WarehouseError) -> SQLValue {
        if text.uppercased() == "NULL" { return .null }
        let value: SQLValue? =
            switch parameter.type {
            case .integer: Int64(text).map { .integer($0) }
            case .real: Double(text).map { .real($0) }
            case .boolean:
                ["true": true, "1": true, "false": false, "0": false][text.lowercased()].map { .boolean($0) }
            case .text: .text(text)
            }
        guard let value else {
            throw WarehouseError(
                code: .parameterInvalid, subject: parameter.name,
                reason: "the value is not of type \(parameter.type.rawValue), which query \(name) wants")
        }
        return value
    }

    private func unknownParameter(_ unknown: String) -> WarehouseError {
        let names = parameters.map(\.name)
        let advice =
            names.isEmpty
            ? "it has none"
            : SQLLibrary.nearest(to: unknown, among: names).map { "did you mean \($0)?" }
                ?? "it has \(names.joined(separator: ", "))"
        return WarehouseError(
            code: .parameterUnknown, subject: unknown, reason: "query \(name) has no such parameter; \(advice)")
    }

    private static func title(of text: String) -> String {
        let first = text.split(separator: "\n").first { $0.hasPrefix("--") } ?? ""
        return first.drop { $0 == "-" || $0 == " " }.description
    }

    private static func inputs(of text: String) -> [String] {
        let key = "-- Inputs:"
        let line = text.split(separator: "\n").first { $0.hasPrefix(key) } ?? ""
        return line.dropFirst(key.count).split { $0 == "," || $0 == " " }.map(String.init)
    }
}
