package import SQLInterface

/// A failure of PostgreSQL or of the way to it.
///
/// PostgreSQL repeats values of rows in the primary message, DETAIL and CONTEXT, so `description` is made of the
/// SQLSTATE and of names (table, column, constraint, statement); `debugDescription` has the server's words as well and
/// must not reach a log.
package struct PostgresError: DatabaseFailure, Hashable {
    package let kind: DatabaseFailureKind
    /// Five characters; empty when the failure did not come from the server.
    package let sqlState: String
    package let table: String?
    package let column: String?
    package let constraint: String?
    package let statementName: String?
    /// Database and host, where the failure is one of the way to it.
    package let place: String?
    /// What went wrong and what to do, without the full stop.
    package let reason: String
    /// The server's own words: may repeat values of rows.
    package let serverMessage: String

    package init(
        kind: DatabaseFailureKind, sqlState: String = "", table: String? = nil, column: String? = nil,
        constraint: String? = nil, statementName: String? = nil, place: String? = nil, reason: String,
        serverMessage: String = ""
    ) {
        self.kind = kind
        self.sqlState = sqlState
        self.table = table
        self.column = column
        self.constraint = constraint
        self.statementName = statementName
        self.place = place
        self.reason = reason
        self.serverMessage = serverMessage
    }

    package var description: String {
        let names = [
            statementName.map { "statement \($0)" }, table.map { "table \($0)" }, column.map { "column \($0)" },
            constraint.map { "constraint \($0)" }, sqlState.isEmpty ? nil : "SQLSTATE \(sqlState)",
        ].compactMap(\.self)
        let details = names.isEmpty ? "" : " (\(names.joined(separator: ", ")))"
        return "PostgreSQL\(place.map { " (\($0))" } ?? "") failed: \(reason)\(details)."
    }

    package var debugDescription: String {
        "\(description) [kind \(kind.rawValue): \(serverMessage)]"
    }
}
