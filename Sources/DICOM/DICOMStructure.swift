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

/// What `DataSetWalker` found: which bytes are safe to parse, and where the pixels are.
struct DICOMStructure {
    /// Byte ranges that hold whole, well-formed top-level elements; without the pixel data.
    var soundRanges: [Range<Int>] = []
    /// Top-level elements inside `soundRanges` whose value looks like a broken sequence and may stop DCMTK.
    var suspectRanges: [Range<Int>] = []
    var pixelData: PixelDataLocation?
    var elementCount = 0
    var warnings: [DICOMWarning] = []
}
