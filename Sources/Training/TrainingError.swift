internal import Warehouse

/// Why a split, a training set or an export cannot be made or trusted, in one sentence.
package struct TrainingError: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Code: String, Sendable {
        /// There is nothing of this name.
        case notFound = "not_found"
        /// Another thing has this name.
        case exists
        /// An option that has no meaning, or does not fit the data.
        case badOption = "bad_option"
        /// What was chosen cannot be made into samples.
        case unsuitable
        /// Data is no longer what was frozen.
        case changed
        /// Rows of a training set itself are gone.
        case incomplete
        /// A file cannot be written or read.
        case inputOutput = "input_output"
    }

    package let code: Code
    /// What it is about: a split, a training set, an option, a file.
    package let subject: String
    package let reason: String

    package var description: String { "\(subject): \(reason)".sentence }

    package init(_ code: Code, _ subject: String, _ reason: String) {
        self.code = code
        self.subject = subject
        self.reason = reason
    }
}
