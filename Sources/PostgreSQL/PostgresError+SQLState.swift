package import SQLInterface

extension PostgresError {
    /// What an SQLSTATE means. **Source** PostgreSQL manual, appendix A.
    ///
    /// Classes 08, 40, 53 and 57P come out retryable, save 53100, as a full disk does not empty itself, and 08P01.
    package static func kind(sqlState: String) -> DatabaseFailureKind {
        switch sqlState {
        case "": .connection
        // A message that contradicts itself, such as too few values for the parameters, does so the next time too.
        case "08P01": .misuse
        case "23505", "23P01": .uniqueViolation
        case "23503": .foreignKeyViolation
        case "23502": .notNullViolation
        case "25006": .readOnly
        case "3D000": .databaseMissing
        case "42501": .permission
        case "42P01", "42703", "42883", "42704", "3F000": .undefinedName
        case "53100": .diskFull
        case "55P03", "55006": .locked
        case "57014": .cancelled
        default: kind(sqlStateClass: sqlState.prefix(2))
        }
    }

    private static func kind(sqlStateClass: Substring) -> DatabaseFailureKind {
        switch sqlStateClass {
        case "08", "57": .connection
        case "22", "54": .invalidData
        case "23": .checkViolation
        case "25", "26", "34", "2D": .misuse
        case "28": .authentication
        case "40": .conflict
        case "42": .syntax
        case "53": .resources
        case "58", "XX": .inputOutput
        default: .other
        }
    }

    /// One clause on what happened and what to do.
    ///
    /// - Parameter parserMessage: The server's words, given only where they repeat nothing but the statement.
    static func reason(kind: DatabaseFailureKind, sqlState: String = "", parserMessage: String?) -> String {
        switch kind {
        case .invalidData where sqlState == "22012": "a division by zero"
        case .invalidData where sqlState == "22003": "a number is out of the range of its type"
        case .invalidData where sqlState == "22P02": "a text is no value of the type that it is taken for"
        case .invalidData where sqlState == "22021" || sqlState == "22P05":
            "a character has no equivalent in the encoding of the database, or is NUL"
        case .connection: "the connection was lost or the server is shutting down; run the command again"
        case .authentication: "the server refused the login; check user and password (PGPASSWORD or ~/.pgpass)"
        case .databaseMissing: "the database does not exist; create it with createdb, or name another"
        case .locked: "another session holds a lock that is needed; run the command again"
        case .conflict: "the transaction conflicted with another; run it again"
        case .cancelled: "the statement was cancelled"
        case .diskFull: "the server's disk is full; free space and run the command again"
        case .inputOutput: "the server met an I/O or internal error; see the server's log"
        case .resources where sqlState.hasPrefix("54"): "the row or the statement is larger than the server takes"
        case .resources: "the server lacks memory or connections; run the command again later"
        case .readOnly: "the statement writes, and the server or this connection only reads"
        case .permission: "the user lacks a privilege; connect as a role that has it"
        case .uniqueViolation: "the row exists already"
        case .foreignKeyViolation: "a row refers to another that does not exist, or is referred to"
        case .checkViolation: "a constraint refuses the row"
        case .notNullViolation: "a value is missing"
        case .invalidData: "a value cannot be stored or computed"
        case .undefinedName, .syntax: parserMessage ?? "the statement cannot be understood"
        case .misuse: "the statement cannot run in this state of the connection"
        case .notADatabase, .other: "the server refused the statement"
        }
    }
}
