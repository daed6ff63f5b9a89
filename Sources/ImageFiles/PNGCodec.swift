internal import CPNG
package import Imaging

/// What a PNG file says before its pixels.
package struct PNGHeader: Sendable, Equatable {
    package enum Colour: UInt8, Sendable {
        case grey = 0
        case rgb = 2
        case palette = 3
        case greyAlpha = 4
        case rgba = 6
    }

    package let width: Int
    package let height: Int
    /// Bits a sample (an index, for a palette): 1, 2, 4, 8, 16.
    package let bitDepth: Int
    package let colour: Colour
    package let isInterlaced: Bool
    /// A palette with transparency decodes to RGBA. One transparent grey or colour (tRNS) is reported and not applied:
    /// the samples stay what they are.
    package let hasTransparency: Bool

    /// What `PNGCodec.decode` makes of it.
    package var pixelType: PixelType { bitDepth == 16 ? .u16 : .u8 }
    package var samplesPerPixel: Int {
        switch colour {
        case .grey: 1
        case .greyAlpha: 2
        case .rgb: 3
        case .rgba: 4
        case .palette: hasTransparency ? 4 : 3
        }
    }

    package var decodedByteCount: Int {
        // Sides are at most 1,000,000 (libpng's limit), so the product fits.
        width * height * samplesPerPixel * pixelType.byteCount
    }
}

/// PNG through libpng: grey of 1–16 bits, palettes, colour, alpha, interlaced; no gamma, no colour management.
///
/// Grey of 1, 2 and 4 bits is scaled to 0–255, as libpng and Pillow do. 16-bit samples are stored little-endian.
package enum PNGCodec {
    /// What a decoded image may take by default: 1 GiB.
    package static let defaultMaximumByteCount = 1 << 30

    /// **Throws** `notAPNG`, `truncated`, `corrupt`. **Cost** only the chunks before the pixels are read.
    package static func header(_ bytes: [UInt8]) throws(ImageFileError) -> PNGHeader {
        try withReader(of: bytes) { (reader) throws(ImageFileError) in reader.header }
    }

    /// **Throws** as `header`, and `tooLarge` before anything of the image's size is allocated.
    package static func decode(
        _ bytes: [UInt8], maximumByteCount: Int = defaultMaximumByteCount
    ) throws(ImageFileError) -> PixelBuffer {
        try withReader(of: bytes) { (reader) throws(ImageFileError) in
            let header = reader.header
            guard header.decodedByteCount <= maximumByteCount else {
                throw .png(.tooLarge, "it decodes to \(header.decodedByteCount) bytes; \(maximumByteCount) are allowed")
            }
            let samples = try reader.samples()
            do {
                return try PixelBuffer(
                    type: header.pixelType, rows: header.height, columns: header.width,
                    samplesPerPixel: header.samplesPerPixel, bytes: samples)
            } catch {
                throw ImageFileError(
                    code: .corrupt, format: .png, reason: "its size is impossible", underlying: error)
            }
        }
    }

    /// Encodes 8- or 16-bit grey, grey + alpha, RGB or RGBA.
    ///
    /// **Parameter** compression zlib's level, 0–9. **Throws** `invalidRequest` for other pixels, `outOfMemory`.
    package static func encode(_ pixels: PixelBuffer, compression: Int = 6) throws(ImageFileError) -> [UInt8] {
        let colours: [Int: PNGHeader.Colour] = [1: .grey, 2: .greyAlpha, 3: .rgb, 4: .rgba]
        guard pixels.type == .u8 || pixels.type == .u16, let colour = colours[pixels.samplesPerPixel] else {
            throw .png(
                .invalidRequest,
                "\(pixels.samplesPerPixel) \(pixels.type.rawValue) samples a pixel have no PNG form; render to 8 bits")
        }
        guard (0...9).contains(compression), max(pixels.rows, pixels.columns) <= 1_000_000 else {
            throw .png(.invalidRequest, "the compression is not 0 to 9 or a side exceeds 1,000,000 pixels")
        }
        let header = cpng_header(
            width: UInt32(pixels.columns), height: UInt32(pixels.rows), bit_depth: pixels.type == .u16 ? 16 : 8,
            color_type: colour.rawValue, is_interlaced: 0, has_transparency: 0)
        return try PNGReader.encode(pixels.bytes, header: header, compression: Int32(compression))
    }

    /// Lends a reader while the bytes stay in place.
    private static func withReader<R>(
        of bytes: [UInt8], _ body: (borrowing PNGReader) throws(ImageFileError) -> R
    ) throws(ImageFileError) -> R {
        guard bytes.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) else {
            throw .png(bytes.isEmpty ? .truncated : .notAPNG, "the PNG signature is absent", at: 0)
        }
        return try unsafe bytes.withUnsafeBufferPointer { (source) throws(ImageFileError) in
            try unsafe body(PNGReader(lending: source))
        }
    }
}
