/// Why an image file cannot be read or written.
///
/// Names no path and no value of the file: the caller knows which file it handed in and names it as its policy allows.
package struct ImageFileError: Error, Sendable, CustomStringConvertible {
    /// The failure, for programs and for the quarantine table (its raw value).
    package enum Code: String, Sendable, CaseIterable {
        /// The bytes end before the format says they do.
        case truncated
        /// The bytes contradict the format inside the image data.
        case corrupt
        case notANIfTI = "not_a_nifti"
        case notAMetaImage = "not_a_meta_image"
        case notAJPEG = "not_a_jpeg"
        case notAPNG = "not_a_png"
        case notAGzip = "not_a_gzip"
        /// The header's numbers cannot be true (sizes, offsets, spacing).
        case hostileHeader = "hostile_header"
        case unsupportedDatatype = "unsupported_datatype"
        case unsupportedColourSpace = "unsupported_colour_space"
        /// A valid file of its format that does not hold an image in rows and columns.
        case unsupportedLayout = "unsupported_layout"
        /// The orientation or the spacing that the header chooses is not a transformation of space.
        case invalidGeometry = "invalid_geometry"
        case invalidScaling = "invalid_scaling"
        /// The image is larger than the caller allows.
        case tooLarge = "too_large"
        /// The file that holds the voxels (`.img` of a `.hdr`, `.raw` of an `.mhd`) is not there.
        case missingCompanion = "missing_companion"
        case unreadable
        case unwritable
        /// The caller asked for a frame or an encoding that does not exist.
        case invalidRequest = "invalid_request"
        case outOfMemory = "out_of_memory"
    }

    package enum Format: String, Sendable {
        case nifti = "NIfTI"
        case metaImage = "MetaImage"
        case jpeg = "JPEG"
        case png = "PNG"
        case gzip = "gzip"
    }

    package let code: Code
    package let format: Format
    /// Half a sentence: what is wrong and, where someone can act, what to do.
    package let reason: String
    /// Where in the file (or, after decompression, in its content) reading stopped.
    package let byteOffset: Int?
    package let underlying: (any Error)?

    package init(
        code: Code, format: Format, reason: String, byteOffset: Int? = nil, underlying: (any Error)? = nil
    ) {
        self.code = code
        self.format = format
        self.reason = reason
        self.byteOffset = byteOffset
        self.underlying = underlying
    }

    package var description: String {
        let place = byteOffset.map { " (byte \($0))" } ?? ""
        let act = code == .unwritable || code == .invalidRequest ? "processed" : "read"
        return "The \(format.rawValue) file cannot be \(act): \(reason)\(place)."
    }
}

extension ImageFileError {
    static func nifti(_ code: Code, _ reason: String, at byteOffset: Int? = nil) -> ImageFileError {
        ImageFileError(code: code, format: .nifti, reason: reason, byteOffset: byteOffset)
    }

    static func metaImage(_ code: Code, _ reason: String, at byteOffset: Int? = nil) -> ImageFileError {
        ImageFileError(code: code, format: .metaImage, reason: reason, byteOffset: byteOffset)
    }

    static func jpeg(_ code: Code, _ reason: String, at byteOffset: Int? = nil) -> ImageFileError {
        ImageFileError(code: code, format: .jpeg, reason: reason, byteOffset: byteOffset)
    }

    static func png(_ code: Code, _ reason: String, at byteOffset: Int? = nil) -> ImageFileError {
        ImageFileError(code: code, format: .png, reason: reason, byteOffset: byteOffset)
    }

    static func gzip(_ code: Code, _ reason: String, at byteOffset: Int? = nil) -> ImageFileError {
        ImageFileError(code: code, format: .gzip, reason: reason, byteOffset: byteOffset)
    }
}
