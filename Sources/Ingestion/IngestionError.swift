/// Why a run could not begin or go on. A bad file is never one of these: it is a rejection.
package struct IngestionError: Error, Sendable, CustomStringConvertible {
    package enum Code: String, Sendable {
        case notFound, unreadable, badOption, pseudonymKey, wrongKey, unknownAdapter, vocabulary, source, inputOutput
    }

    package let code: Code
    /// What it happened to: a path the user typed, an option, a key file.
    package let subject: String
    package let reason: String
    package let underlying: (any Error)?

    package init(code: Code, subject: String, reason: String, underlying: (any Error)? = nil) {
        self.code = code
        self.subject = subject
        self.reason = reason
        self.underlying = underlying
    }

    package var description: String { "\(subject): \(reason)" }
}
