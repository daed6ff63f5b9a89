internal import GRDBSQLite
internal import SQLInterface

extension SQLiteError {
    /// Names the failure behind an extended result code.
    init(resultCode: Int32, message: String, database: String, statementName: String? = nil) {
        let kind = Self.kind(resultCode: resultCode, message: message)
        let isConstraint = resultCode & 0xFF == SQLITE_CONSTRAINT
        self.init(
            kind: kind, resultCode: resultCode, database: database, statementName: statementName,
            constraint: isConstraint ? Self.constraint(in: message) : nil,
            reason: Self.reason(kind: kind, resultCode: resultCode, message: message), message: message)
    }

    /// **Source** https://www.sqlite.org/rescode.html
    private static func kind(resultCode: Int32, message: String) -> DatabaseFailureKind {
        switch resultCode & 0xFF {
        case SQLITE_BUSY, SQLITE_LOCKED: .locked
        case SQLITE_INTERRUPT: .cancelled
        case SQLITE_FULL: .diskFull
        case SQLITE_IOERR: .inputOutput
        case SQLITE_CANTOPEN: .inputOutput
        case SQLITE_NOTADB, SQLITE_CORRUPT: .notADatabase
        case SQLITE_READONLY: .readOnly
        case SQLITE_PERM, SQLITE_AUTH: .permission
        case SQLITE_NOMEM: .resources
        case SQLITE_MISMATCH, SQLITE_TOOBIG, SQLITE_RANGE: .invalidData
        case SQLITE_MISUSE: .misuse
        case SQLITE_CONSTRAINT: constraintKind(resultCode: resultCode)
        case SQLITE_ERROR: errorKind(message: message)
        default: .other
        }
    }

    /// What SQLite says where ``SQLiteSession`` allows no second file.
    private static let attachRefusal = "too many attached databases"

    private static func constraintKind(resultCode: Int32) -> DatabaseFailureKind {
        // SQLITE_CONSTRAINT_* are macros with arithmetic: primary code | (n << 8).
        switch resultCode >> 8 {
        case 1: .checkViolation
        case 3: .foreignKeyViolation
        case 5: .notNullViolation
        case 6, 8, 10: .uniqueViolation
        case 12: .invalidData  // a value of another type than the column of a STRICT table
        default: .checkViolation
        }
    }

    /// SQLITE_ERROR has no finer codes, so only its message tells a missing name from bad syntax.
    private static func errorKind(message: String) -> DatabaseFailureKind {
        if message.hasPrefix(attachRefusal) { return .readOnly }
        if message.hasPrefix("no such") || message.contains("has no column named") { return .undefinedName }
        if message.contains("syntax error") || message.contains("unrecognized token")
            || message.hasPrefix("incomplete input")
        {
            return .syntax
        }
        return .other
    }

    /// `UNIQUE constraint failed: patient.dataset_id, patient.patient_key` → what follows the colon.
    private static func constraint(in message: String) -> String? {
        let parts = message.split(separator: ": ", maxSplits: 1)
        return parts.count == 2 ? String(parts[1]) : nil
    }

    private static func reason(kind: DatabaseFailureKind, resultCode: Int32, message: String) -> String {
        switch kind {
        case .locked: "another process is writing to it; run the command again when that one has ended"
        case .cancelled: "the statement was cancelled"
        case .diskFull: "the disk or the file's page limit is full; free space and run the command again"
        case .inputOutput: ioReason(resultCode: resultCode)
        case .misuse where message.hasPrefix("Multiple statements"):
            "the text holds more than one statement; run them one by one"
        case .readOnly where message.contains("shm") || resultCode >> 8 == 5:
            "another program left its log unfinished and the folder may not be written; ask who owns it to open it once"
        case .readOnly where message.hasPrefix(attachRefusal):
            "the statement writes or opens another file, and this connection only reads"
        case .notADatabase: "the file is not an SQLite database or is damaged; name another file or restore a backup"
        case .readOnly: "the statement writes, and the file is opened or mounted to read only"
        case .permission: "access was denied"
        case .resources: "there is not enough memory"
        case .uniqueViolation: "the row exists already (\(message))"
        case .foreignKeyViolation: "a row refers to another that does not exist (\(message))"
        case .checkViolation, .notNullViolation: "a constraint refuses the row (\(message))"
        case .invalidData: "a value does not fit its column (\(message))"
        default: message
        }
    }

    private static func ioReason(resultCode: Int32) -> String {
        resultCode & 0xFF == SQLITE_CANTOPEN
            ? "the file cannot be opened; check that its folder exists and may be written"
            : "reading or writing the file failed (I/O error \(resultCode)); check the disk and run the command again"
    }
}
