/// Why a frame could not be packed or unpacked. Messages carry sizes and types, never sample values.
package struct PixelCodecError: Error, Sendable, CustomStringConvertible {
    /// The failure, for programs.
    package enum Code: String, Sendable {
        /// More bytes than one blosc buffer can hold.
        case tooLarge = "too_large"
        /// The packed bytes are damaged, cut short, or not of the named encoding.
        case corrupt
        /// The packed bytes are sound, but hold another number of samples or another sample type than asked for.
        case shapeMismatch = "shape_mismatch"
        /// The codec library refused to pack.
        case encodingFailed = "encoding_failed"
    }

    package let code: Code
    /// The encoding concerned.
    package let subject: String
    package let reason: String
    package let underlying: (any Error)?

    package init(code: Code, subject: String, reason: String, underlying: (any Error)? = nil) {
        self.code = code
        self.subject = subject
        self.reason = reason
        self.underlying = underlying
    }

    package var description: String { "The \(subject) pixels cannot be used: \(reason)." }
}

extension PixelCodecError {
    static func tooLarge(byteCount: Int, limit: Int) -> PixelCodecError {
        PixelCodecError(
            code: .tooLarge, subject: PixelEncoding.blosc.rawValue,
            reason: "a frame of \(byteCount) bytes exceeds the \(limit) bytes of one buffer; store it as bands of rows")
    }

    static func corrupt(_ encoding: PixelEncoding, reason: String, underlying: (any Error)? = nil) -> PixelCodecError {
        PixelCodecError(code: .corrupt, subject: encoding.rawValue, reason: reason, underlying: underlying)
    }

    static let corruptBlock = corrupt(
        .blosc, reason: "a block does not unpack; fetch the frame from its source again")

    static func shapeMismatch(
        _ encoding: PixelEncoding, reason: String, underlying: (any Error)? = nil
    ) -> PixelCodecError {
        PixelCodecError(code: .shapeMismatch, subject: encoding.rawValue, reason: reason, underlying: underlying)
    }

    static func encodingFailed(reason: String) -> PixelCodecError {
        PixelCodecError(code: .encodingFailed, subject: PixelEncoding.blosc.rawValue, reason: reason)
    }
}
