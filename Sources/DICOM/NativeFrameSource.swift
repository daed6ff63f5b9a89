internal import Imaging

/// Frames that are stored as samples: implicit, explicit, big-endian and deflated syntaxes.
struct NativeFrameSource: DICOMFrameSource {
    /// More frames than this beyond Number of Frames are trailing bytes, not frames.
    private static let excessFrameLimit = 4096

    private let contents: DICOMContents
    private let location: PixelDataLocation
    private let layout: PixelLayout
    private let finisher: FrameFinisher
    private let isBigEndian: Bool

    let frameCount: Int
    let warnings: [DICOMWarning]
    var photometricInterpretation: String? { finisher.photometricInterpretation }

    init(
        contents: DICOMContents, location: PixelDataLocation, layout: PixelLayout, header: DICOMHeader,
        syntax: DICOMTransferSyntax?
    ) {
        self.contents = contents
        self.location = location
        self.layout = layout
        isBigEndian = contents.encoding.isBigEndian || syntax?.hasBigEndianPixels ?? false
        let excess = Self.excessFrames(location, layout)
        frameCount = layout.frameCount + excess
        let colour = header.photometricInterpretation
        let isFull = !layout.isSubsampled && colour == "YBR_FULL_422"
        finisher = FrameFinisher(layout: layout, photometricInterpretation: isFull ? "YBR_FULL" : colour)
        var codes: [DICOMWarning.Code] = []
        if excess > 0 { codes.append(.excessFrames) }
        if isFull { codes.append(.notSubsampled) }
        if let coding = syntax?.pixelCoding, coding != .native {
            codes.append(coding == .unknown ? .unknownTransferSyntax : .encapsulationMismatch)
        }
        if layout.hasUnusualHighBit { codes.append(.unusualHighBit) }
        warnings = codes.map { DICOMWarning($0, path: location.tag.hexadecimal) }
    }

    /// Whole frames behind the announced ones, as pydicom gives them too.
    private static func excessFrames(_ location: PixelDataLocation, _ layout: PixelLayout) -> Int {
        guard let declared = location.declaredByteCount, declared <= location.availableByteCount, !layout.isSubsampled
        else { return 0 }
        let frameBits = layout.isPacked ? layout.sampleCount * layout.bitsAllocated : 8 * layout.storedFrameByteCount
        let excess = declared * 8 / frameBits - layout.frameCount
        // Padding to an even length may look like frames of a few bits.
        guard excess > 0, declared > layout.neededByteCount + 1, excess <= excessFrameLimit else { return 0 }
        return excess
    }

    func frame(_ index: Int) throws(DICOMError) -> PixelBuffer {
        guard (0..<frameCount).contains(index) else { throw .frameOutOfRange(index, count: frameCount) }
        return try finisher.buffer(layout.isPacked ? try bits(of: index) : try bytes(of: index))
    }

    /// Packed pixels; frames follow each other without padding (PS3.5 8.1.1).
    private func bits(of index: Int) throws(DICOMError) -> DecodedSamples {
        let count = layout.sampleCount * layout.bitsAllocated
        let first = try firstUnit(of: index, count: count)
        let range = first / 8..<(first + count + 7) / 8
        try check(end: range.upperBound, frame: index)
        let start = location.valueOffset
        let stored = contents.bytes[start + range.lowerBound..<start + range.upperBound]
        let ordered = isWordSwapped ? range.map { contents.bytes[start + wordOrder($0)] }[...] : stored
        return DecodedSamples(
            bytes: layout.unpacked(ordered, firstBit: first % 8), width: layout.type.byteCount,
            isPlanar: layout.isPlanar)
    }

    private func bytes(of index: Int) throws(DICOMError) -> DecodedSamples {
        let count = layout.storedFrameByteCount
        let first = try firstUnit(of: index, count: count)
        try check(end: first + count, frame: index)
        let start = location.valueOffset + first
        guard isBigEndian else { return layout.samples(of: contents.bytes[start..<start + count]) }
        var samples = [UInt8](contents.bytes[start..<start + count])
        swap(&samples, from: first)
        return layout.samples(of: samples[...])
    }

    private func firstUnit(of index: Int, count: Int) throws(DICOMError) -> Int {
        let (first, overflow) = index.multipliedReportingOverflow(by: count)
        guard !overflow, !first.addingReportingOverflow(count + 8).overflow else {
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
        isBigEndian && location.vr == .OW && layout.bitsAllocated <= 8
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
