/// What decoding may allocate, whatever a header or a code stream says.
///
/// The largest real frames (digital mammography, slide thumbnails) take below 100 MB, the largest real files (whole
/// slides) below 40 GB.
enum DecodedSizeLimit {
    /// Bytes of one decoded frame.
    static let frame = 1 << 29
    /// Bytes of all frames of a compressed file together.
    static let file = 1 << 36
    /// Tiles of a JPEG 2000 code stream: OpenJPEG allocates 6 KB for each announced one.
    static let tiles = 1 << 14

    /// **Throws** `decodedTooLarge`. Sizes of a `PixelLayout` do not overflow.
    static func check(_ layout: PixelLayout, frameCount: Int) throws(DICOMError) {
        let byteCount = layout.decodedFrameByteCount
        guard byteCount <= frame else {
            throw DICOMError(
                code: .decodedTooLarge, subject: "pixel data",
                reason: "one frame would take \(byteCount) bytes and at most \(frame) are allowed")
        }
        let (total, overflow) = byteCount.multipliedReportingOverflow(by: frameCount)
        guard !overflow, total <= file else {
            throw DICOMError(
                code: .decodedTooLarge, subject: "pixel data",
                reason: "its \(frameCount) frames would take more than \(file) bytes")
        }
    }
}
