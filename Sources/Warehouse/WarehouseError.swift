package import SQLInterface

/// A failure of the warehouse itself: where it is, what schema it has, which files of SQL belong to it.
package struct WarehouseError: DatabaseFailure {
    package enum Code: String, Sendable, CaseIterable {
        case badLocation
        /// The database holds no warehouse yet.
        case notInitialised
        /// The database was made by an older program.
        case schemaOutdated
        /// The database was made by a newer program.
        case schemaNewer
        case migrationChanged
        case migrationMissing
        case migrationMisnamed
        case migrationOutOfOrder
        case migrationDuplicate
        case migrationFailed
        case viewCycle
        case sqlFolderMissing
        case sqlFileMissing
        case sqlFileChanged
        case sqlFileUnknown
        case queryUnknown
        case parameterUnknown
        case parameterInvalid
        case readOnly
        case closed
        case fileUnreadable
    }

    package let code: Code
    /// The location, file, query or parameter concerned.
    package let subject: String
    /// What is wrong and what to do, without the full stop.
    package let reason: String
    package let underlying: (any Error)?

    package init(code: Code, subject: String, reason: String, underlying: (any Error)? = nil) {
        self.code = code
        self.subject = subject
        self.reason = reason
        self.underlying = underlying
    }

    package var kind: DatabaseFailureKind {
        if let failure = underlying as? any DatabaseFailure { return failure.kind }
        return switch code {
        case .notInitialised: .databaseMissing
        case .readOnly: .readOnly
        case .fileUnreadable: .inputOutput
        case .queryUnknown, .parameterUnknown: .undefinedName
        case .parameterInvalid: .invalidData
        default: .other
        }
    }

    package var description: String {
        guard let underlying else { return "\(subject): \(reason)".sentence }
        return "\(subject): \(reason): \(underlying)"
    }

    package var debugDescription: String {
        let cause = underlying.map { " [\(String(reflecting: $0))]" } ?? ""
        return "\(subject): \(reason) [code \(code.rawValue)]\(cause)"
    }
}

extension String {
    /// With a full stop, where it does not end in one or in a question ("did you mean ...?").
    package var sentence: String { hasSuffix("?") || hasSuffix(".") ? self : self + "." }
}
