package import Imaging

/// JPEG (8-bit baseline and progressive) through libjpeg-turbo.
///
/// The decoder is fixed, since stored digests are over its pixels: accurate integer DCT (`ISLOW`), smooth ("fancy")
/// chroma upsampling, no scaling, Exif orientation not applied.
package enum JPEGCodec {
    /// How far chroma is averaged before it is coded.
    package enum Subsampling: String, Sendable, CaseIterable {
        case none = "4:4:4"
        case horizontal = "4:2:2"
        case both = "4:2:0"
    }

    /// What a decoded image may take by default: 1 GiB.
    package static let defaultMaximumByteCount = 1 << 30

    /// **Throws** as `JPEGHeader.init`.
    package static func header(_ bytes: [UInt8]) throws(ImageFileError) -> JPEGHeader {
        try JPEGHeader(bytes)
    }

    /// One `u8` frame: 1 sample for grey, 3 (RGB) for YCbCr and RGB.
    ///
    /// Anything that libjpeg-turbo would only warn of is an error here: after a warning it fills the rest of the
    /// picture with grey, and a picture that is half invented must not enter a training set.
    ///
    /// **Throws** `notAJPEG`, `truncated`, `corrupt`, `unsupportedColourSpace` (CMYK, YCCK), `unsupportedDatatype`
    /// (12-bit, lossless), `tooLarge` before allocation.
    package static func decode(
        _ bytes: [UInt8], maximumByteCount: Int = defaultMaximumByteCount
    ) throws(ImageFileError) -> PixelBuffer {
        let header = try JPEGHeader(bytes)
        guard header.precision == 8, !header.isLossless else {
            throw .jpeg(
                .unsupportedDatatype,
                "it has \(header.precision)-bit \(header.isLossless ? "lossless " : "")samples; only 8-bit DCT is read")
        }
        let samplesPerPixel: Int
        switch header.colourSpace {
        case .grey: samplesPerPixel = 1
        case .yCbCr, .rgb: samplesPerPixel = 3
        case .cmyk, .ycck, .unknown:
            throw .jpeg(
                .unsupportedColourSpace,
                "its \(header.components) components are neither grey nor RGB; convert it to RGB first")
        }
        let byteCount = header.width * header.height * samplesPerPixel
        guard byteCount <= maximumByteCount else {
            throw .jpeg(.tooLarge, "it decodes to \(byteCount) bytes and \(maximumByteCount) are allowed")
        }
        let scanStart = try JPEGSegmentScan.firstScan(of: bytes)
        let samples: [UInt8]
        do {
            samples = try TurboJPEG.decode(
                bytes, width: header.width, height: header.height, samplesPerPixel: samplesPerPixel)
        } catch {
            guard error.code == .corrupt, !JPEGSegmentScan.hasEnd(bytes, after: scanStart) else { throw error }
            throw .jpeg(.truncated, "its pixels end early; copy the file again", at: bytes.count)
        }
        do {
            return try PixelBuffer(
                type: .u8, rows: header.height, columns: header.width, samplesPerPixel: samplesPerPixel, bytes: samples)
        } catch {
            throw ImageFileError(code: .corrupt, format: .jpeg, reason: "its size is impossible", underlying: error)
        }
    }

    /// Encodes `u8` grey or RGB as baseline JPEG with the accurate DCT.
    ///
    /// **Parameter** quality 1–100, libjpeg's scale. **Throws** `invalidRequest`, `outOfMemory`.
    package static func encode(
        _ pixels: PixelBuffer, quality: Int = 95, subsampling: Subsampling = .none
    ) throws(ImageFileError) -> [UInt8] {
        guard pixels.type == .u8, pixels.samplesPerPixel == 1 || pixels.samplesPerPixel == 3 else {
            throw .jpeg(
                .invalidRequest,
                "\(pixels.samplesPerPixel) \(pixels.type.rawValue) samples a pixel have no JPEG form; render to 8 bits")
        }
        guard (1...100).contains(quality), max(pixels.rows, pixels.columns) <= 65_500 else {
            throw .jpeg(.invalidRequest, "the quality is not 1 to 100 or a side exceeds 65,500 pixels")
        }
        return try TurboJPEG.encode(pixels, quality: quality, subsampling: subsampling)
    }
}
