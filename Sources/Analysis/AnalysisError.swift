internal import Warehouse

/// Why a series cannot be analysed, in one sentence.
package struct AnalysisError: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Code: String, Sendable {
        /// There is no such series, or more than one has that name.
        case notFound = "not_found"
        /// An option that has no meaning, or does not fit the series.
        case badOption = "bad_option"
        /// The series is of a kind that the method does not apply to.
        case unsuitable
        /// The memory allowed is less than the method needs.
        case memory
        /// A file cannot be written or read.
        case inputOutput = "input_output"
        /// The stored pixels are not those that were ingested.
        case damaged
    }

    package let code: Code
    /// What it is about: a series, an option, a file.
    package let subject: String
    package let reason: String

    package var description: String { "\(subject): \(reason)".sentence }

    package init(_ code: Code, _ subject: String, _ reason: String) {
        self.code = code
        self.subject = subject
        self.reason = reason
    }
}
