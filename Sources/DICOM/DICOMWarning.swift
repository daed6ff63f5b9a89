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
        /// A sequence nested deeper than any real object has them was left out.
        case nestingTooDeep = "nesting_too_deep"
        /// A sequence says that it is longer than its file; the items that are there were read.
        case overlongSequence = "overlong_sequence"
        /// A sequence or item ends without its delimiter or with the other one.
        case wrongDelimiter = "wrong_delimiter"
        /// An element is encoded otherwise than the rest of the data set; it was read as it is.
        case mixedEncoding = "mixed_encoding"
        /// An element has a value representation that PS3.5 does not define; that of the dictionary was taken.
        case unknownVR = "unknown_vr"
        case strayDelimiter = "stray_delimiter"
        case trailingBytes = "trailing_bytes"
        case unreadableValue = "unreadable_value"
        case oddLength = "odd_length"
        case interiorNUL = "interior_nul"
        case lossyText = "lossy_text"
        case assumedCharacterSet = "assumed_character_set"
        case pixelDataShort = "pixel_data_short"
        case pixelDataLong = "pixel_data_long"
        case invalidNumberOfFrames = "invalid_number_of_frames"
        /// SOP Class UID is missing from the data set; what the object is, its attributes say.
        case missingSOPClass = "missing_sop_class"
        /// SOP Instance UID is missing from the data set; the object is known by its file meta information or content.
        case missingInstanceUID = "missing_instance_uid"
        /// An identifier that is no UID; it was kept as it is.
        case invalidUID = "invalid_uid"
        /// Patient ID or its issuer holds a backslash; all of it is one identifier.
        case severalPatientIDs = "several_patient_ids"
        /// A number that is none; the attribute counts as absent.
        case unreadableNumber = "unreadable_number"
        /// Rescale Slope or Rescale Intercept is no number, or the slope is 0.
        case unusableRescale = "unusable_rescale"
        /// There are overlay planes, which are no part of the pixels.
        case overlayPlane = "overlay_plane"
        /// Some frames cannot be decoded; the others were kept.
        case damagedFrames = "damaged_frames"
        /// There are more frames than Number of Frames says; all of them are given.
        case excessFrames = "excess_frames"
        /// Fewer compressed frames than Number of Frames says; the missing ones cannot be given.
        case missingFrames = "missing_frames"
        /// The basic or extended offset table contradicts the fragments; they were counted or searched instead.
        case offsetTableIgnored = "offset_table_ignored"
        /// Pixel data in fragments under an uncompressed syntax, or the reverse; it was read as it is.
        case encapsulationMismatch = "encapsulation_mismatch"
        /// A transfer syntax that neither the standard nor we know; the pixels were read as what their bytes are.
        case unknownTransferSyntax = "unknown_transfer_syntax"
        /// The frames are coded otherwise than the transfer syntax says; they were read as they are.
        case codingMismatch = "coding_mismatch"
        /// A code stream has another precision than Bits Stored; its own counts.
        case precisionMismatch = "precision_mismatch"
        /// A JPEG 2000 code stream has another sign than Pixel Representation, by which its values were read.
        case signMismatch = "sign_mismatch"
        /// The code stream says that its colours are other than Photometric Interpretation says; its word counts.
        case colorMismatch = "color_mismatch"
        /// YBR_FULL_422 samples that are not subsampled; they were read as YBR_FULL.
        case notSubsampled = "not_subsampled"
        /// Samples per Pixel is missing; one was assumed.
        case missingSamplesPerPixel = "missing_samples_per_pixel"
        /// Photometric Interpretation is missing; the samples are given as they are.
        case missingPhotometricInterpretation = "missing_photometric_interpretation"
        /// Pixel Representation is missing or neither 0 nor 1; the samples were read as unsigned.
        case missingPixelRepresentation = "missing_pixel_representation"
        /// Bits Stored is missing, zero or larger than Bits Allocated; all bits of a sample count.
        case unusableBitsStored = "unusable_bits_stored"
        /// High Bit is not Bits Stored - 1, against PS3.5 8.1.1; the samples are given as whole words.
        case unusualHighBit = "unusual_high_bit"
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
