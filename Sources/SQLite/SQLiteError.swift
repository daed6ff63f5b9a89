package import SQLInterface

/// A failure of SQLite or of the file it works on.
///
/// `description` names the file, the statement and the constraint. SQLite's own message is quoted only where it can
/// repeat nothing but the schema and the statement's text.
package struct SQLiteError: DatabaseFailure, Hashable {
    package let kind: DatabaseFailureKind
    /// SQLite's extended result code; 0 when the failure is not SQLite's.
    package let resultCode: Int32
    /// Last path component of the database.
    package let database: String
    package let statementName: String?
    /// The failed constraint as SQLite names it: `patient.dataset_id, patient.patient_key`.
    package let constraint: String?
    /// What went wrong and what to do, without the full stop.
    package let reason: String
    /// SQLite's message as it came.
    package let message: String

    package init(
        kind: DatabaseFailureKind, resultCode: Int32 = 0, database: String, statementName: String? = nil,
        constraint: String? = nil, reason: String, message: String = ""
    ) {
        self.kind = kind
        self.resultCode = resultCode
        self.database = database
        self.statementName = statementName
        self.constraint = constraint
        self.reason = reason
        self.message = message
    }

    package var description: String {
        // SQLite was not asked.
        if kind == .databaseMissing { return "\(database): \(reason)." }
        let statement = statementName.map { "statement \($0) on " } ?? ""
        return "SQLite failed in \(statement)\(database): \(reason)."
    }

    package var debugDescription: String {
        "\(description) [kind \(kind.rawValue), code \(resultCode): \(message)]"
    }
}
