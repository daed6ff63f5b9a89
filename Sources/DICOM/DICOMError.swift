/// Why a DICOM file, or a part of it, cannot be used.
package struct DICOMError: Error, Sendable, CustomStringConvertible {
    /// The failure, for programs; the raw value goes to the quarantine table.
    package enum Code: String, Sendable, CaseIterable {
        case empty
        case notDICOM = "not_dicom"
        /// The bytes given are a prefix of the file that ends before what was asked for; see `neededByteCount`.
        case needsMoreBytes = "needs_more_bytes"
        case truncated
        case malformed
        case inflatedTooLarge = "inflated_too_large"
        case damagedDeflateStream = "damaged_deflate_stream"
        case dictionaryMissing = "dictionary_missing"
        case noPixels = "no_pixels"
        case pixelsNotRead = "pixels_not_read"
        case pixelDataTruncated = "pixel_data_truncated"
        case unsupportedTransferSyntax = "unsupported_transfer_syntax"
        case unsupportedPixelFormat = "unsupported_pixel_format"
        /// A compressed frame that its decoder refuses, or that ends before its last row.
        case damagedCodeStream = "damaged_code_stream"
        /// A compressed frame whose own size is not that of the header.
        case codeStreamMismatch = "code_stream_mismatch"
        /// The frames would take more memory than `DecodedSizeLimit` allows.
        case decodedTooLarge = "decoded_too_large"
        case frameOutOfRange = "frame_out_of_range"
        case invalidPath = "invalid_path"
        case unwritable
    }

    package let code: Code
    /// The part it happened to ("file", "data set", "pixel data", a tag path); never a value of it.
    package let subject: String
    package let reason: String
    /// Byte offset in the file where reading failed, where there is one.
    package let offset: Int?
    /// For `needsMoreBytes`: a prefix at least this long gets further.
    package let neededByteCount: Int?
    package let underlying: (any Error)?

    package init(
        code: Code, subject: String, reason: String, offset: Int? = nil, neededByteCount: Int? = nil,
        underlying: (any Error)? = nil
    ) {
        self.code = code
        self.subject = subject
        self.reason = reason
        self.offset = offset
        self.neededByteCount = neededByteCount
        self.underlying = underlying
    }

    package var description: String {
        let place = offset.map { " at byte \($0)" } ?? ""
        return "The DICOM \(subject) cannot be used\(place): \(reason)."
    }
}

extension DICOMError {
    static func notDICOM() -> DICOMError {
        DICOMError(
            code: .notDICOM, subject: "file",
            reason: "it has neither the DICM mark nor a data set that begins like one; leave it out of the folder")
    }

    static func needsMoreBytes(_ count: Int) -> DICOMError {
        DICOMError(
            code: .needsMoreBytes, subject: "file prefix",
            reason: "it ends before the pixel data; read at least \(count) bytes and try again",
            neededByteCount: count)
    }

    static func malformed(_ subject: String, reason: String, offset: Int? = nil) -> DICOMError {
        DICOMError(code: .malformed, subject: subject, reason: reason, offset: offset)
    }

    static func unsupportedPixelFormat(_ reason: String) -> DICOMError {
        DICOMError(code: .unsupportedPixelFormat, subject: "pixel data", reason: reason)
    }

    static func unsupported(_ syntax: DICOMTransferSyntax?, _ reason: String) -> DICOMError {
        DICOMError(
            code: .unsupportedTransferSyntax, subject: "pixel data",
            reason: "it is coded as \(syntax?.name ?? "something its file does not name"), and \(reason); "
                + "decompress the file first")
    }

    static func damagedCodeStream(_ reason: String) -> DICOMError {
        DICOMError(code: .damagedCodeStream, subject: "pixel data", reason: reason)
    }

    static func codeStreamMismatch(_ reason: String) -> DICOMError {
        DICOMError(code: .codeStreamMismatch, subject: "pixel data", reason: reason)
    }

    static func frameOutOfRange(_ index: Int, count: Int) -> DICOMError {
        DICOMError(
            code: .frameOutOfRange, subject: "pixel data",
            reason: "frame \(index) was asked for and it holds \(count), counted from 0")
    }

    static func pixelDataTruncated(frame: Int, needed: Int, available: Int) -> DICOMError {
        DICOMError(
            code: .pixelDataTruncated, subject: "pixel data",
            reason: "frame \(frame) ends at byte \(needed) of it but the file holds \(available); "
                + "fetch the file again")
    }

    static func unwritable(reason: String) -> DICOMError {
        DICOMError(code: .unwritable, subject: "data set", reason: reason)
    }
}
