/// One thing that an audit of a split or a training set found.
package struct AuditFinding: Sendable, Hashable {
    package enum Severity: String, Sendable {
        /// Worth knowing: what is stored is whole.
        case info
        /// A promise is broken.
        case error
    }

    /// The split, or the training set with its version.
    package let subject: String
    package let check: String
    package let severity: Severity
    package let count: Int
    package let sentence: String
}
