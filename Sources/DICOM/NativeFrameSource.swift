internal import Imaging

/// Frames that are stored as samples: implicit, explicit, big-endian and deflated syntaxes.
///
/// The array of a frame equals pydicom's `pixel_array`: samples interleaved, not masked to Bits Stored, chrominance of
/// YBR_FULL_422 repeated, one-bit pixels as 0 and 1.
struct NativeFrameSource: DICOMFrameSource {
    private let contents: DICOMContents
    private let location: PixelDataLocation
    private let layout: PixelLayout

    var frameCount: Int { layout.frameCount }

    init(contents: DICOMContents, location: PixelDataLocation, layout: PixelLayout) throws(DICOMError) {
        guard !location.isEncapsulated else {
            throw .unsupportedPixelFormat("it is in fragments although its transfer syntax is uncompressed")
        }
        self.contents = contents
        self.location = location
        self.layout = layout
    }

    func frame(_ index: Int) throws(DICOMError) -> PixelBuffer {
        guard (0..<frameCount).contains(index) else {
            throw DICOMError(
                code: .frameOutOfRange, subject: "pixel data",
                reason: "frame \(index) was asked for and it holds \(frameCount), counted from 0")
        }
        let samples = layout.bitsAllocated == 1 ? try bits(of: index) : try bytes(of: index)
        do {
            return try PixelBuffer(
                type: layout.type, rows: layout.rows, columns: layout.columns,
                samplesPerPixel: layout.samplesPerPixel, bytes: samples)
        } catch {
            throw DICOMError(
                code: .unsupportedPixelFormat, subject: "pixel data", reason: "its samples do not fill a frame",
                underlying: error)
        }
    }

    /// One-bit pixels, the first in the least significant bit; frames follow each other without padding
    /// (PS3.5 8.1.1).
    private func bits(of index: Int) throws(DICOMError) -> [UInt8] {
        let first = try firstSample(of: index, count: layout.pixelCount)
        try check(end: (first + layout.pixelCount + 7) / 8, frame: index)
        let start = location.valueOffset
        return (first..<first + layout.pixelCount).map { bit in
            contents.bytes[start + wordOrder(bit >> 3)] >> UInt8(bit & 7) & 1
        }
    }

    private func bytes(of index: Int) throws(DICOMError) -> [UInt8] {
        let count = layout.storedFrameByteCount
        let first = try firstSample(of: index, count: count)
        try check(end: first + count, frame: index)
        let start = location.valueOffset + first
        var samples = [UInt8](contents.bytes[start..<start + count])
        if contents.encoding.isBigEndian { swap(&samples, from: first) }
        if layout.isSubsampled { return SampleOrder.expanded(samples) }
        guard layout.isPlanar else { return samples }
        return SampleOrder.interleaved(
            samples, pixels: layout.pixelCount, channels: layout.samplesPerPixel, width: layout.type.byteCount)
    }

    private func firstSample(of index: Int, count: Int) throws(DICOMError) -> Int {
        let (first, overflow) = index.multipliedReportingOverflow(by: count)
        guard !overflow, !first.addingReportingOverflow(count).overflow else {
            throw .pixelDataTruncated(frame: index, needed: .max, available: location.availableByteCount)
        }
        return first
    }

    /// The header may announce any size: nothing is allocated before the bytes are known to be there.
    private func check(end: Int, frame: Int) throws(DICOMError) {
        guard end <= location.availableByteCount else {
            throw .pixelDataTruncated(frame: frame, needed: end, available: location.availableByteCount)
        }
    }

    private var isWordSwapped: Bool {
        contents.encoding.isBigEndian && location.vr == .OW && layout.bitsAllocated <= 8
    }

    /// Where byte `index` of the stream lies: in big-endian words of OW, small samples sit in swapped pairs.
    private func wordOrder(_ index: Int) -> Int {
        isWordSwapped && index ^ 1 < location.availableByteCount ? index ^ 1 : index
    }

    private func swap(_ samples: inout [UInt8], from first: Int) {
        if isWordSwapped {
            let start = location.valueOffset
            for index in samples.indices { samples[index] = contents.bytes[start + wordOrder(first + index)] }
        } else {
            SampleOrder.swapBytes(of: &samples, width: layout.type.byteCount)
        }
    }
}
