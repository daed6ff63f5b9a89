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
        case .unknownVR:
            "An element has a value representation that DICOM does not define; it was read by the dictionary's."
        case .strayDelimiter: "A delimiter stands where no item or sequence ends; it was skipped."
        case .trailingBytes: "There are bytes after the end of the data set; they were ignored."
        case .nestingTooDeep: "Sequences nest deeper than 64 levels, which no real object does; those were left out."
        case .overlongSequence: "A sequence says that it is longer than its file; the items that are there were read."
        case .wrongDelimiter: "A sequence or item ends without its delimiter; it was read as its writer meant it."
        case .mixedEncoding: "An element is encoded otherwise than the rest of its data set; it was read as it is."
        case .unreadableValue: "The value of an element cannot be read; it is stored as empty."
        case .oddLength: "An element has an odd length, which DICOM forbids; it was read as it is."
        case .interiorNUL: "A text holds NUL characters; each is stored as U+FFFD."
        case .lossyText: "A text does not fit its character set; what could not be decoded is stored as U+FFFD."
        case .assumedCharacterSet: "The file names no character set for its texts, or an unknown one; one was assumed."
        case .pixelDataShort:
            "The pixel data is shorter than the header promises; frames that are not whole are missing."
        case .pixelDataLong: "The pixel data is longer than the header promises; the rest was ignored."
        case .invalidNumberOfFrames: "The number of frames is no positive number; one frame was assumed."
        case .missingSOPClass: "The data set does not name its SOP class; what it is, its attributes say."
        case .missingInstanceUID:
            "The data set has no SOP Instance UID; it is known by its file meta information or by its content."
        case .invalidUID: "An identifier is no valid UID; it was kept as it is."
        case .severalPatientIDs:
            "Patient ID or its issuer holds a backslash, which separates values; all of it counts as one identifier."
        case .unreadableNumber: "A number that places or scales the image cannot be read; it counts as absent."
        case .unusableRescale:
            "Rescale Slope or Rescale Intercept is not a number, or the slope is 0; the values have no unit to trust."
        case .overlayPlane: "The file has overlay planes; they are marks on its pixels, not part of them."
        case .damagedFrames: "Some frames cannot be decoded and are missing; the others are stored."
        case .excessFrames: "There are more frames than the header announces; all of them are stored."
        case .missingFrames:
            "There are fewer compressed frames than the header announces; those that are there are stored."
        case .offsetTableIgnored: "The table of frame offsets contradicts the pixel data; frames were found without it."
        case .encapsulationMismatch:
            "The pixel data lies in fragments against the transfer syntax, or the reverse; it was read as it is."
        case .unknownTransferSyntax:
            "The transfer syntax is not a known one; the pixels were read as what their bytes seem to be."
        case .codingMismatch:
            "The frames are coded otherwise than the transfer syntax says; they were read as they are."
        case .precisionMismatch: "The compressed frames have other bits than Bits Stored says; their own count."
        case .signMismatch: "The compressed frames have another sign than the header, by which they were read."
        case .colorMismatch:
            "The compressed frames say that their colours are others than the header says; theirs count."
        case .notSubsampled: "The colours are called subsampled and are not; they were read as they are."
        case .missingSamplesPerPixel: "The file does not say how many samples a pixel has; one was assumed."
        case .missingPhotometricInterpretation:
            "The file does not say what its samples mean (Photometric Interpretation); they are stored as they are."
        case .missingPixelRepresentation:
            "The file does not say whether its samples have a sign (Pixel Representation); they were read as unsigned."
        case .unusableBitsStored:
            "Bits Stored is missing, zero or larger than Bits Allocated; all bits of a sample were read as its value."
        case .unusualHighBit: "High Bit is not Bits Stored - 1; the samples are stored as whole words."
        }
    }
}
