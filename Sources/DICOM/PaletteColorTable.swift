package import Imaging

/// The table of a PALETTE COLOR image: three lookup tables from stored indices to red, green and blue.
///
/// Frames keep their indices; this is for those who look at them.
///
/// **Source** PS3.3 C.7.6.3.1.5 and .6 (palette), C.7.9 (segmented).
package struct PaletteColorTable: Sendable, Equatable {
    /// The index that the first entry is for; lower ones get that entry, higher ones than the last get the last.
    package let firstIndex: Int
    /// Bits of an entry as the descriptor says, 8 or 16; the samples of `apply` are as wide.
    package let bitsPerEntry: Int
    /// Red, green, blue; each of `entryCount` entries.
    package let channels: [[UInt16]]
    package var entryCount: Int { channels[0].count }

    /// **Throws** `unsupportedPixelFormat` when the tables are missing, of different lengths or malformed.
    package init(header: DICOMHeader) throws(DICOMError) {
        guard let descriptor = Self.descriptor(header) else {
            throw .unsupportedPixelFormat("its palette has no descriptor of three numbers")
        }
        firstIndex = descriptor.first
        let plain: [DICOMTag] = [.redPaletteData, .greenPaletteData, .bluePaletteData]
        let segmented: [DICOMTag] = [.segmentedRedPaletteData, .segmentedGreenPaletteData, .segmentedBluePaletteData]
        var channels: [[UInt16]] = []
        if let data = Self.bytes(plain, header) {
            channels = data.map { Self.entries($0, count: descriptor.count) }
            // Entries of 8 bits may be said to have 16 (the first DICOM files did), and the reverse.
            bitsPerEntry = data[0].count < 2 * descriptor.count ? 8 : descriptor.bits > 8 ? 16 : 8
        } else if let data = Self.bytes(segmented, header) {
            bitsPerEntry = descriptor.bits > 8 ? 16 : 8
            for bytes in data {
                channels.append(try SegmentedPalette(bytes, bits: bitsPerEntry).expanded(to: descriptor.count))
            }
        } else {
            throw .unsupportedPixelFormat("its palette is missing")
        }
        guard channels.count == 3, let count = channels.first?.count, count > 0,
            channels.allSatisfy({ $0.count == count })
        else { throw .unsupportedPixelFormat("the three tables of its palette differ in length") }
        self.channels = channels
    }

    /// The colours of a frame of indices.
    ///
    /// **Shape** `[rows][columns][3]`, u8 or u16 by `bitsPerEntry`. **Throws** `unsupportedPixelFormat` when the frame
    /// is not of integers with one sample per pixel.
    package func apply(to frame: PixelBuffer) throws(DICOMError) -> PixelBuffer {
        guard frame.samplesPerPixel == 1, !frame.type.isFloatingPoint else {
            throw .unsupportedPixelFormat("a palette is for frames of one integer per pixel")
        }
        let width = bitsPerEntry / 8
        var samples: [UInt8] = []
        samples.reserveCapacity(frame.pixelCount * 3 * width)
        for index in frame.doubles() {
            let entry = min(max(Int(index) - firstIndex, 0), entryCount - 1)
            for channel in channels {
                samples.append(UInt8(truncatingIfNeeded: channel[entry]))
                if width == 2 { samples.append(UInt8(channel[entry] >> 8)) }
            }
        }
        do {
            return try PixelBuffer(
                type: width == 1 ? .u8 : .u16, rows: frame.rows, columns: frame.columns, samplesPerPixel: 3,
                bytes: samples)
        } catch {
            throw DICOMError(
                code: .unsupportedPixelFormat, subject: "pixel data", reason: "its colours do not fill a frame",
                underlying: error)
        }
    }

    /// Count (0 stands for 65536), first index (signed where pixels are), bits.
    private static func descriptor(_ header: DICOMHeader) -> (count: Int, first: Int, bits: Int)? {
        guard let numbers = header.decimals(.redPaletteDescriptor), numbers.count == 3 else { return nil }
        let words = numbers.map { Int($0) & 0xFFFF }
        let isSigned = header.pixelRepresentation == 1
        let first = isSigned && words[1] > 0x7FFF ? words[1] - 0x1_0000 : words[1]
        guard (1...16).contains(words[2]) else { return nil }
        return (words[0] == 0 ? 0x1_0000 : words[0], first, words[2])
    }

    private static func bytes(_ tags: [DICOMTag], _ header: DICOMHeader) -> [[UInt8]]? {
        let found = tags.compactMap { tag -> [UInt8]? in
            switch header[tag]?.value {
            case .bytes(let bytes)?: bytes
            case .unsigned(let words)?:
                words.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)] }
            default: nil
            }
        }
        return found.count == tags.count && found.allSatisfy { !$0.isEmpty } ? found : nil
    }

    /// Two bytes an entry where there are so many, else one.
    private static func entries(_ bytes: [UInt8], count: Int) -> [UInt16] {
        if bytes.count < 2 * count { return bytes.prefix(count).map { UInt16($0) } }
        return (0..<count).map { UInt16(bytes[2 * $0]) | UInt16(bytes[2 * $0 + 1]) << 8 }
    }
}
