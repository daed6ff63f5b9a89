extension DICOMWarning.Code {
    /// What was odd and what was done about it, in one sentence without values.
    package var sentence: String {
        switch self {
        case .noPreamble: "The file has no preamble and no \"DICM\" mark; it was read as a bare data set."
        case .noTransferSyntax: "The file does not name its transfer syntax; it was recognised from the bytes."
        case .encodingMismatch: "The data set is encoded otherwise than its transfer syntax says; it was read as it is."
        case .truncated: "The file ends inside an element; that element and all after it are missing."
        case .structureLost: "The bytes stop making sense before the end of the file; all from there on is missing."
        case .malformedSequence: "The items of a sequence contradict its length; the sequence was left out."
        case .unknownVR: "An element has a value representation that DICOM does not define; it was left out."
        case .strayDelimiter: "A delimiter stands where no item or sequence ends; it was skipped."
        case .trailingBytes: "There are bytes after the end of the data set; they were ignored."
        case .parserStopped: "The parser stopped before the end of the header; what came before that is stored."
        case .unreadableValue: "The value of an element cannot be read; it is stored as empty."
        case .oddLength: "An element has an odd length, which DICOM forbids; it was read as it is."
        case .interiorNUL: "A text holds NUL characters; each is stored as U+FFFD."
        case .lossyText: "A text does not fit its character set; what could not be decoded is stored as U+FFFD."
        case .assumedCharacterSet: "The file names no character set for its texts, or an unknown one; one was assumed."
        case .pixelDataShort:
            "The pixel data is shorter than the header promises; frames that are not whole are missing."
        case .pixelDataLong: "The pixel data is longer than the header promises; the rest was ignored."
        case .invalidNumberOfFrames: "The number of frames is no positive number; one frame was assumed."
        case .excessFrames: "There are more frames than Number of Frames says; all of them are stored."
        case .missingFrames: "There are fewer frames than Number of Frames says; those that are there are stored."
        case .offsetTableIgnored: "The offset table contradicts the fragments; the frames were found without it."
        case .encapsulationMismatch:
            "Whether the pixel data is in fragments contradicts the transfer syntax; it was read as it is."
        case .codingMismatch:
            "The frames are coded otherwise than the transfer syntax says; they were read so."
        case .precisionMismatch: "A code stream has another precision than Bits Stored says; its own was taken."
        case .signMismatch:
            "A JPEG 2000 code stream has another sign than Pixel Representation says; the header's was taken."
        case .colorMismatch:
            "A code stream names other colours than Photometric Interpretation does; its own were taken."
        case .notSubsampled: "The samples are not subsampled, though YBR_FULL_422 says so; they were read as YBR_FULL."
        case .unusualHighBit:
            "High Bit is not Bits Stored - 1; the samples are stored as whole words."
        }
    }
}
