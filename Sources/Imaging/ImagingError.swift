/// What went wrong with pixels, geometry or masks that cannot be what they claim to be.
package struct ImagingError: Error, Sendable, CustomStringConvertible {
    /// The failure, for programs.
    package enum Code: String, Sendable {
        case shapeMismatch = "shape_mismatch"
        case wrongPixelType = "wrong_pixel_type"
        case invalidGeometry = "invalid_geometry"
        case invalidWindow = "invalid_window"
        case invalidMask = "invalid_mask"
        case invalidTable = "invalid_table"
        /// The recipe has no picture for these values.
        case unrenderable
        /// A recipe that contradicts itself, or a sample that it does not fit.
        case invalidRecipe = "invalid_recipe"
    }

    package let code: Code
    /// The kind of thing it happened to ("pixel buffer", "run-length mask"); never a value of it.
    package let subject: String
    package let reason: String
    package let underlying: (any Error)?

    package init(code: Code, subject: String, reason: String, underlying: (any Error)? = nil) {
        self.code = code
        self.subject = subject
        self.reason = reason
        self.underlying = underlying
    }

    package var description: String { "The \(subject) cannot be used: \(reason)." }
}

extension ImagingError {
    static func shapeMismatch(_ subject: String, reason: String) -> ImagingError {
        ImagingError(code: .shapeMismatch, subject: subject, reason: reason)
    }

    static func wrongPixelType(asked: PixelType, stored: PixelType) -> ImagingError {
        ImagingError(
            code: .wrongPixelType, subject: "pixel buffer",
            reason: "it holds \(stored.rawValue) samples and was read as \(asked.rawValue); ask for its own type")
    }

    static func invalidGeometry(reason: String) -> ImagingError {
        ImagingError(code: .invalidGeometry, subject: "volume geometry", reason: reason)
    }

    static func invalidWindow(reason: String) -> ImagingError {
        ImagingError(code: .invalidWindow, subject: "window", reason: reason)
    }

    static func invalidMask(reason: String) -> ImagingError {
        ImagingError(code: .invalidMask, subject: "run-length mask", reason: reason)
    }

    static func invalidTable(reason: String) -> ImagingError {
        ImagingError(code: .invalidTable, subject: "look-up table", reason: reason)
    }

    static func unrenderable(reason: String) -> ImagingError {
        ImagingError(code: .unrenderable, subject: "frame", reason: reason)
    }

    static func invalidRecipe(reason: String) -> ImagingError {
        ImagingError(code: .invalidRecipe, subject: "sample recipe", reason: reason)
    }
}
