/// An oddity of a file that was read all the same: what and where, never a value.
package struct DICOMWarning: Sendable, Hashable, CustomStringConvertible {
    package enum Code: String, Sendable, CaseIterable {
        case noPreamble = "no_preamble"
        case noTransferSyntax = "no_transfer_syntax"
        /// The data set is encoded otherwise than its transfer syntax says; it was read as it is.
        case encodingMismatch = "encoding_mismatch"
        /// The file ends inside an element; that element and all after it are missing.
        case truncated
        /// The bytes stop making sense; everything from there on is missing.
        case structureLost = "structure_lost"
        /// A sequence whose items contradict its length was left out.
        case malformedSequence = "malformed_sequence"
        /// An element whose value representation PS3.5 does not define was left out.
        case unknownVR = "unknown_vr"
        case strayDelimiter = "stray_delimiter"
        case trailingBytes = "trailing_bytes"
        /// DCMTK stopped before the end; the elements before that point are present.
        case parserStopped = "parser_stopped"
        case unreadableValue = "unreadable_value"
        case oddLength = "odd_length"
        case interiorNUL = "interior_nul"
        case lossyText = "lossy_text"
        case assumedCharacterSet = "assumed_character_set"
        case pixelDataShort = "pixel_data_short"
        case pixelDataLong = "pixel_data_long"
        case invalidNumberOfFrames = "invalid_number_of_frames"
    }

    package let code: Code
    /// Tags in hexadecimal, "00081115[0].00081150"; nil where it concerns the whole file.
    package let path: String?

    package init(_ code: Code, path: String? = nil) {
        self.code = code
        self.path = path
    }

    package var description: String { path.map { "\(code.rawValue) at \($0)" } ?? code.rawValue }
}
