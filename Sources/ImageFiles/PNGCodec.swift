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

    /// What `PNGCodec.decode(_:asStored:)` makes of it: the index of a palette is one sample.
    package var storedSamplesPerPixel: Int { colour == .palette ? 1 : samplesPerPixel }

    package var storedByteCount: Int { width * height * storedSamplesPerPixel * pixelType.byteCount }

    package var decodedByteCount: Int {
        // Sides are at most 1,000,000 (libpng's limit), so the product fits.
        width * height * samplesPerPixel * pixelType.byteCount
    }
}

/// PNG through libpng: grey of 1–16 bits, palettes, colour, alpha, interlaced; no gamma, no colour management.
///
/// Grey of 1, 2 and 4 bits is scaled to 0–255, as libpng and Pillow do, unless the stored values are asked for. 16-bit
/// samples are stored little-endian.
package enum PNGCodec {
    /// What a decoded image may take by default: 1 GiB.
    package static let defaultMaximumByteCount = 1 << 30

    /// **Throws** `notAPNG`, `truncated`, `corrupt`. **Cost** only the chunks before the pixels are read.
    package static func header(_ bytes: [UInt8]) throws(ImageFileError) -> PNGHeader {
        try withReader(of: bytes) { (reader) throws(ImageFileError) in reader.header }
    }

    /// - Parameter asStored: Keeps the numbers of the file, which label maps mean: indices of a palette, grey of 1, 2
    ///   and 4 bits unscaled.
    ///
    /// **Throws** as `header`, and `tooLarge` before anything of the image's size is allocated.
    package static func decode(
        _ bytes: [UInt8], asStored: Bool = false, maximumByteCount: Int = defaultMaximumByteCount
    ) throws(ImageFileError) -> PixelBuffer {
        try withReader(of: bytes) { (reader) throws(ImageFileError) in
            let header = reader.header
            let byteCount = asStored ? header.storedByteCount : header.decodedByteCount
            guard byteCount <= maximumByteCount else {
                throw .png(.tooLarge, "it decodes to \(byteCount) bytes; \(maximumByteCount) are allowed")
            }
            let samples = try reader.samples(asStored: asStored)
            do {
                return try PixelBuffer(
                    type: header.pixelType, rows: header.height, columns: header.width,
                    samplesPerPixel: asStored ? header.storedSamplesPerPixel : header.samplesPerPixel, bytes: samples)
            } catch {
                throw ImageFileError(
                    code: .corrupt, format: .png, reason: "its size is impossible", underlying: error)
            }
        }
    }

    /// Encodes 8- or 16-bit grey, grey + alpha, RGB or RGBA.
    ///
    /// - Parameter note: A line of text kept in the file.
    /// **Throws** `invalidRequest` for other pixels or a note that a tEXt chunk cannot hold, `outOfMemory`.
    package static func encode(
        _ pixels: PixelBuffer, method: PNGMethod = PNGMethod(level: 6), note: PNGNote? = nil
    ) throws(ImageFileError) -> [UInt8] {
        let colours: [Int: PNGHeader.Colour] = [1: .grey, 2: .greyAlpha, 3: .rgb, 4: .rgba]
        guard pixels.type == .u8 || pixels.type == .u16, let colour = colours[pixels.samplesPerPixel] else {
            throw .png(
                .invalidRequest,
                "\(pixels.samplesPerPixel) \(pixels.type.rawValue) samples a pixel have no PNG form; render to 8 bits")
        }
        guard (0...9).contains(method.level), max(pixels.rows, pixels.columns) <= 1_000_000 else {
            throw .png(.invalidRequest, "the compression is not 0 to 9 or a side exceeds 1,000,000 pixels")
        }
        let header = cpng_header(
            width: UInt32(pixels.columns), height: UInt32(pixels.rows), bit_depth: pixels.type == .u16 ? 16 : 8,
            color_type: colour.rawValue, is_interlaced: 0, has_transparency: 0)
        if let note, !note.isWritable {
            throw .png(.invalidRequest, "the note is not ASCII or its keyword has no 1 to 79 characters")
        }
        return try PNGReader.encode(pixels.bytes, header: header, method: method, note: note)
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

/// How a PNG is compressed; the pixels are the same whatever is chosen.
package struct PNGMethod: Sendable, Hashable {
    /// zlib's strategy.
    package enum Strategy: Int32, Sendable {
        case standard = 0
        /// No search for repetitions: the right thing for noise.
        case huffman = 2
        /// Only runs of one byte.
        case runs = 3
    }

    /// zlib's level, 0–9.
    package let level: Int
    package let strategy: Strategy
    package let filters: PNGFilters

    /// - Parameter filters: Row filters to choose among; empty leaves libpng its choice.
    package init(level: Int, strategy: Strategy = .standard, filters: PNGFilters = []) {
        self.level = level
        self.strategy = strategy
        self.filters = filters
    }

    /// Fast for medical pictures, whose noise leaves zlib nothing to find: measured on CT of 512 × 512, 8 bits take
    /// 2.0 ms and 44 KiB (level 6: 13 ms, 47 KiB), 16 bits 11 ms and 234 KiB (level 6: 150 ms, 219 KiB).
    package static func fast(for pixels: PixelBuffer) -> PNGMethod {
        switch (pixels.type, pixels.samplesPerPixel) {
        case (.u8, 1): PNGMethod(level: 1, strategy: .runs, filters: .none)
        case (.u16, 1): PNGMethod(level: 1, strategy: .huffman, filters: .up)
        default: PNGMethod(level: 1, filters: .sub)
        }
    }
}

/// Row filters of the PNG standard (section 9.2): what a row is compared with before it is compressed.
package struct PNGFilters: OptionSet, Sendable, Hashable {
    package let rawValue: Int32

    package init(rawValue: Int32) { self.rawValue = rawValue }

    package static let none = PNGFilters(rawValue: 1)
    /// With the pixel to the left.
    package static let sub = PNGFilters(rawValue: 2)
    /// With the pixel above.
    package static let up = PNGFilters(rawValue: 4)
    package static let average = PNGFilters(rawValue: 8)
    package static let paeth = PNGFilters(rawValue: 16)
}

/// A line of text in a PNG file, as a tEXt chunk before the pixels.
package struct PNGNote: Sendable, Hashable {
    package let key: String
    /// ASCII: what tEXt reads as Latin-1 and everybody else as UTF-8.
    package let text: String

    package init(key: String, text: String) {
        self.key = key
        self.text = text
    }

    var isWritable: Bool {
        (1...79).contains(key.utf8.count) && key.utf8.allSatisfy { (0x21...0x7E).contains($0) }
            && text.utf8.allSatisfy { (0x20...0x7E).contains($0) || $0 == 0x0A }
    }
}
