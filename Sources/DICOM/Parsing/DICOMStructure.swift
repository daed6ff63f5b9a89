/// Where the pixel data of a file lies.
package struct PixelDataLocation: Sendable, Equatable {
    /// Pixel Data, Float Pixel Data or Double Float Pixel Data.
    package let tag: DICOMTag
    package let vr: DICOMVR
    /// Offset of the first byte of the value.
    package let valueOffset: Int
    /// What the element says; `nil` for an undefined length (fragments).
    package let declaredByteCount: Int?
    /// What the bytes given hold of it.
    package let availableByteCount: Int
    /// The ranges of the fragments, the basic offset table first; empty for native pixels.
    package let fragments: [Range<Int>]

    package var isEncapsulated: Bool { declaredByteCount == nil }
}

/// What `DataSetWalker` read.
struct DICOMStructure {
    /// Every attribute but the pixel data.
    var header = DICOMHeader.empty
    var pixelData: PixelDataLocation?
    /// Top-level elements that were met, kept or not.
    var elementCount = 0
    var warnings: [DICOMWarning] = []
}
