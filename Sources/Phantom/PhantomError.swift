/// Why a synthetic cohort could not be made.
///
/// The sentence in ``reason`` names the folder or option and says what to do; it holds no generated patient data.
package struct PhantomError: Error, Sendable, CustomStringConvertible {
    package enum Code: String, Sendable {
        /// An option is outside its range or options contradict each other.
        case invalidOption = "invalid_option"
        /// The target folder exists and is not empty.
        case directoryNotEmpty = "directory_not_empty"
        /// The operating system refused a folder or a file.
        case unwritable
        /// A generated image could not be encoded.
        case encodingFailed = "encoding_failed"
    }

    package let code: Code
    /// The folder, file or option it happened to.
    package let subject: String
    package let reason: String
    package let underlying: (any Error)?

    package init(code: Code, subject: String, reason: String, underlying: (any Error)? = nil) {
        self.code = code
        self.subject = subject
        self.reason = reason
        self.underlying = underlying
    }

    package var description: String { reason }

    static func invalidOption(_ name: String, _ sentence: String) -> PhantomError {
        PhantomError(code: .invalidOption, subject: name, reason: "The option \(name) is not usable: \(sentence).")
    }

    static func directoryNotEmpty(_ path: String) -> PhantomError {
        PhantomError(
            code: .directoryNotEmpty, subject: path,
            reason: "The phantom was not written to \(path): the folder is not empty; name a new or empty one.")
    }

    static func unwritable(_ path: String, errno code: Int32, doing action: String) -> PhantomError {
        PhantomError(
            code: .unwritable, subject: path,
            reason: "Could not \(action) \(path) (errno \(code)); check the path, the permissions and the free space.")
    }

    static func encodingFailed(_ path: String, underlying: any Error) -> PhantomError {
        PhantomError(
            code: .encodingFailed, subject: path,
            reason: "The generated image for \(path) could not be encoded: \(underlying).", underlying: underlying)
    }
}
