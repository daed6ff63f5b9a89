/// Attributes that say how the samples are to be read, and that the standard does not let out.
extension DICOMFile {
    /// What had to be assumed of the pixels; empty without pixels.
    ///
    /// Of float and double pixels the attributes of integers are not expected.
    ///
    /// **Source** PS3.3 C.7.6.3, table C.7-11c: all of these are of type 1. PS3.5 8.1.1: Bits Stored is never larger
    /// than Bits Allocated.
    package var pixelAttributeWarnings: [DICOMWarning] {
        guard let pixelData else { return [] }
        var warnings: [DICOMWarning] = []
        func warn(_ code: DICOMWarning.Code, _ tag: DICOMTag) {
            warnings.append(DICOMWarning(code, path: tag.hexadecimal))
        }
        if header.samplesPerPixel == nil { warn(.missingSamplesPerPixel, .samplesPerPixel) }
        if header.photometricInterpretation == nil {
            warn(.missingPhotometricInterpretation, .photometricInterpretation)
        }
        guard pixelData.tag == .pixelData, let bits = header.bitsAllocated, bits > 1 else { return warnings }
        if !(1...bits).contains(header.bitsStored ?? 0) { warn(.unusableBitsStored, .bitsStored) }
        if ![0, 1].contains(header.pixelRepresentation) {
            warn(.missingPixelRepresentation, .pixelRepresentation)
        }
        return warnings
    }
}
