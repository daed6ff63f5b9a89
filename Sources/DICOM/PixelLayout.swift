internal import Imaging

/// The shape and sample format of native pixel data, checked before anything is allocated.
///
/// **Source** PS3.3 C.7.6.3 (image pixel), C.7.6.24/25 (float and double pixels), PS3.5 section 8.
struct PixelLayout: Sendable, Equatable {
    let rows: Int
    let columns: Int
    let samplesPerPixel: Int
    let frameCount: Int
    let bitsAllocated: Int
    let type: PixelType
    /// Samples lie in one plane per channel and are interleaved on reading.
    let isPlanar: Bool
    /// YBR_FULL_422: two luminance samples share one pair of chrominance samples.
    let isSubsampled: Bool
    /// Bytes of one frame as stored; for one-bit pixels rounded up, though frames are not byte-aligned.
    let storedFrameByteCount: Int

    var pixelCount: Int { rows * columns }

    /// Bytes of all frames; `Int.max` when the header announces more than an address can hold.
    var neededByteCount: Int {
        let frameSize = bitsAllocated == 1 ? pixelCount : storedFrameByteCount
        let (product, overflow) = frameSize.multipliedReportingOverflow(by: frameCount)
        guard !overflow else { return .max }
        return bitsAllocated == 1 ? product / 8 + (product % 8 == 0 ? 0 : 1) : product
    }

    /// **Throws** `unsupportedPixelFormat` when an attribute is missing, or no `PixelType` holds such samples, or the
    /// frame would not fit an address.
    init(header: DICOMHeader, tag: DICOMTag?) throws(DICOMError) {
        guard let rows = header.rows, let columns = header.columns, rows > 0, columns > 0 else {
            throw .unsupportedPixelFormat("Rows or Columns is missing or zero; check its source")
        }
        let samples = header.samplesPerPixel ?? 1
        let photometric = header.photometricInterpretation
        let (bits, type) = try Self.format(header: header, tag: tag)
        guard samples > 0, samples <= 4, bits > 1 || samples == 1 else {
            throw .unsupportedPixelFormat("\(samples) samples per pixel of \(bits) bits are not supported")
        }
        let isSubsampled = photometric == "YBR_FULL_422" || photometric == "YBR_PARTIAL_422"
        guard !isSubsampled || (bits == 8 && samples == 3 && columns.isMultiple(of: 2)) else {
            throw .unsupportedPixelFormat("its subsampled colours need three 8-bit samples and an even width")
        }
        self.rows = rows
        self.columns = columns
        samplesPerPixel = samples
        frameCount = header.frameCount
        bitsAllocated = bits
        self.type = type
        isPlanar = samples > 1 && header.integer(.planarConfiguration) == 1 && !isSubsampled
        self.isSubsampled = isSubsampled
        // Rows and Columns are 16-bit, samples at most 4 and bits at most 64: the product stays below 2^41.
        storedFrameByteCount = (rows * columns * (isSubsampled ? 2 : samples) * bits + 7) / 8
    }

    private static func format(header: DICOMHeader, tag: DICOMTag?) throws(DICOMError) -> (bits: Int, type: PixelType) {
        if tag == .floatPixelData { return (32, .f32) }
        if tag == .doubleFloatPixelData { return (64, .f64) }
        guard let bits = header.bitsAllocated else {
            throw .unsupportedPixelFormat("Bits Allocated is missing; check its source")
        }
        let isSigned = header.pixelRepresentation == 1
        switch bits {
        case 1: return (1, .u8)
        case 8: return (8, isSigned ? .i8 : .u8)
        case 16: return (16, isSigned ? .i16 : .u16)
        case 32: return (32, isSigned ? .i32 : .u32)
        default: throw .unsupportedPixelFormat("Bits Allocated is \(bits), and 1, 8, 16 and 32 are supported")
        }
    }
}
