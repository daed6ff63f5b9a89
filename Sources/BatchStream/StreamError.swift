/// Why a stream cannot start, or cannot go on. Messages carry names and counts, never values of a patient.
package struct StreamError: Error, Sendable, CustomStringConvertible {
    /// The failure, for programs.
    package enum Code: String, Sendable, CaseIterable {
        /// A parameter of the plan is out of range.
        case invalidPlan = "invalid_plan"
        /// The location, training set, fold or recipe is not there.
        case notFound = "not_found"
        /// The training set cannot be used as it is: invalidated, changed pixels, samples of several shapes.
        case unusableSet = "unusable_set"
        /// Rows of the training set itself are gone.
        case incompleteSet = "incomplete_set"
        /// The database cannot be reached or refused.
        case database
        /// Stored pixels do not unpack.
        case corruptPixels = "corrupt_pixels"
        /// Called from a forked child, or after close.
        case misuse
        /// The system has no more memory or threads.
        case resources
    }

    package let code: Code
    /// The whole sentence.
    package let description: String
    package let underlying: (any Error)?

    package init(_ code: Code, _ sentence: String, underlying: (any Error)? = nil) {
        self.code = code
        description = sentence
        self.underlying = underlying
    }
}

extension StreamError {
    static func invalidPlan(_ name: String, _ rule: String) -> StreamError {
        StreamError(.invalidPlan, "The batches cannot be planned: \(name) must be \(rule).")
    }

    static func unusable(_ set: String, _ reason: String) -> StreamError {
        StreamError(.unusableSet, "The training set \(set) cannot be used: \(reason).")
    }

    static func incomplete(_ set: String, _ what: String) -> StreamError {
        StreamError(
            .incompleteSet,
            "The training set \(set) is not whole any more: \(what); see slicehouse training-set check \(set), and create "
                + "a new version.")
    }

    /// Adopts an error of a lower module, whose description is a sentence.
    static func wrapping(_ error: any Error) -> StreamError {
        if let error = error as? StreamError { return error }
        return StreamError(.database, String(describing: error), underlying: error)
    }
}
