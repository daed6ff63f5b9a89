internal import Warehouse

/// What was asked of the catalogue and is not there, in one sentence.
package struct CatalogueError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What was asked: an option with its value, a series.
    package let subject: String
    package let reason: String

    package var description: String { "\(subject): \(reason)".sentence }

    package init(_ subject: String, _ reason: String) {
        self.subject = subject
        self.reason = reason
    }
}
