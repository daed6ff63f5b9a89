internal import Imaging

/// The shape and sample format of pixel data by the header, checked before anything is allocated.
///
/// **Source** PS3.3 C.7.6.3 (image pixel), C.7.6.24/25 (float and double pixels), PS3.5 section 8.
struct PixelLayout: Sendable, Equatable {
    let rows: Int
    let columns: Int
    let samplesPerPixel: Int
    let frameCount: Int
    let bitsAllocated: Int
    /// `nil` where the header has none, or one that cannot be.
    let bitsStored: Int?
    let type: PixelType
    /// Samples lie in one plane per channel and are interleaved on reading.
    let isPlanar: Bool
    /// YBR_FULL_422: two luminance samples share one pair of chrominance samples.
    let isSubsampled: Bool
    /// High Bit contradicts Bits Stored, so that no bit can be called unused.
    let hasUnusualHighBit: Bool
    let isGrey: Bool
    /// Bytes of one frame as stored; for packed pixels rounded up, though frames are not byte-aligned.
    let storedFrameByteCount: Int

    var pixelCount: Int { rows * columns }
    var sampleCount: Int { pixelCount * samplesPerPixel }
    var isSigned: Bool { [.i8, .i16, .i32].contains(type) }
    /// Samples follow each other bit by bit: one-bit masks, twelve bits in one and a half bytes.
    var isPacked: Bool { bitsAllocated != 8 * type.byteCount }
    var decodedFrameByteCount: Int { sampleCount * type.byteCount }
    /// The lowest bits of a word, which are the value; `nil` where all of them are.
    var significantBits: Int? {
        let bits = hasUnusualHighBit ? bitsAllocated : bitsStored ?? bitsAllocated
        return bits < bitsAllocated || isPacked && isSigned ? bits : nil
    }

    /// Bytes of all frames; `Int.max` when the header announces more than an address can hold.
    var neededByteCount: Int {
        let frameSize = isPacked ? sampleCount * bitsAllocated : storedFrameByteCount
        let (product, overflow) = frameSize.multipliedReportingOverflow(by: frameCount)
        guard !overflow else { return .max }
        return isPacked ? product / 8 + (product % 8 == 0 ? 0 : 1) : product
    }

    /// `location` tells the kind of pixel data, and by its length whether colours are subsampled as their name says.
    ///
    /// **Throws** `unsupportedPixelFormat` when an attribute is missing, or no `PixelType` holds such samples, or the
    /// frame would not fit an address.
    init(header: DICOMHeader, location: PixelDataLocation) throws(DICOMError) {
        guard let rows = header.rows, let columns = header.columns, rows > 0, columns > 0 else {
            throw .unsupportedPixelFormat("Rows or Columns is missing or zero; check its source")
        }
        let samples = header.samplesPerPixel ?? 1
        let (bits, type) = try Self.format(header: header, tag: location.tag)
        // Four (ARGB, CMYK) are retired, and what a second one means nobody defines.
        guard samples == 1 || samples == 3 else {
            throw .unsupportedPixelFormat("Samples per Pixel is \(samples), and 1 and 3 are supported")
        }
        guard bits > 1 || samples == 1 else {
            throw .unsupportedPixelFormat("\(samples) samples per pixel of \(bits) bits are not supported")
        }
        self.rows = rows
        self.columns = columns
        samplesPerPixel = samples
        frameCount = header.frameCount
        bitsAllocated = bits
        self.type = type
        bitsStored = header.bitsStored.flatMap { (1...bits).contains($0) && !type.isFloatingPoint ? $0 : nil }
        hasUnusualHighBit = bitsStored.map { header.highBit ?? ($0 - 1) != $0 - 1 } ?? false
        isGrey = (header.photometricInterpretation ?? "").hasPrefix("MONOCHROME")
        // Rows and Columns are 16-bit, samples at most 3 and bits at most 64: the product stays below 2^41.
        let fullByteCount = (rows * columns * samples * bits + 7) / 8
        isSubsampled = try Self.isSubsampled(
            header, location, bits: bits, samples: samples, fullByteCount: fullByteCount)
        isPlanar = samples > 1 && header.integer(.planarConfiguration) == 1 && !isSubsampled
        storedFrameByteCount = isSubsampled ? rows * columns * 2 : fullByteCount
    }

    /// Native YBR_FULL_422, unless there is one sample of each kind per pixel all the same.
    private static func isSubsampled(
        _ header: DICOMHeader, _ location: PixelDataLocation, bits: Int, samples: Int, fullByteCount: Int
    ) throws(DICOMError) -> Bool {
        guard ["YBR_FULL_422", "YBR_PARTIAL_422"].contains(header.photometricInterpretation), samples == 3,
            let declared = location.declaredByteCount
        else { return false }
        let (needed, overflow) = fullByteCount.multipliedReportingOverflow(by: header.frameCount)
        if !overflow, declared >= needed { return false }
        guard bits == 8, header.columns?.isMultiple(of: 2) ?? false else {
            throw .unsupportedPixelFormat("its subsampled colours need three 8-bit samples and an even width")
        }
        return true
    }

    private static func format(header: DICOMHeader, tag: DICOMTag) throws(DICOMError) -> (bits: Int, type: PixelType) {
        if tag == .floatPixelData { return (32, .f32) }
        if tag == .doubleFloatPixelData { return (64, .f64) }
        guard let bits = header.bitsAllocated else {
            throw .unsupportedPixelFormat("Bits Allocated is missing; check its source")
        }
        guard (1...32).contains(bits) else {
            throw .unsupportedPixelFormat("Bits Allocated is \(bits), and 1 to 32 are supported")
        }
        return (bits, integerType(ofBits: bits, isSigned: bits > 1 && header.pixelRepresentation == 1))
    }

    /// The smallest type that holds so many bits.
    static func integerType(ofBits bits: Int, isSigned: Bool) -> PixelType {
        switch DecodedSamples.width(ofBits: bits) {
        case 1: isSigned ? .i8 : .u8
        case 2: isSigned ? .i16 : .u16
        default: isSigned ? .i32 : .u32
        }
    }
}
