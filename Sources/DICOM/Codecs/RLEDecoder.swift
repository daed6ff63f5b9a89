internal import Imaging

/// RLE Lossless: one PackBits segment per byte of a sample, the most significant first.
///
/// **Source** PS3.5 annex G: a header of sixteen 32-bit numbers, the count of segments and their offsets.
struct RLEDecoder: FrameDecoder {
    func decode(_ stream: ArraySlice<UInt8>, layout: PixelLayout) throws(DICOMError) -> DecodedSamples {
        let width = layout.isPacked ? 1 : layout.type.byteCount
        let segmentCount = width * layout.samplesPerPixel
        let segments = try segments(of: stream, count: segmentCount)
        // One-bit pixels are eight to the byte, as in native pixel data.
        let pixelCount = layout.isPacked ? layout.storedFrameByteCount : layout.pixelCount
        // A run of two bytes gives at most 128.
        for segment in segments where segment.count < pixelCount / 64 {
            throw .damagedCodeStream("an RLE segment is too short for its pixels")
        }
        let planes = unsafe filling(pixelCount * segmentCount, from: stream) { source, target in
            for (index, segment) in segments.enumerated() {
                // The planes of each sample in order of significance in memory: the last segment of a sample first.
                let plane = index / width * width + (width - 1 - index % width)
                let isWhole = unsafe Self.unpack(
                    UnsafeBufferPointer(rebasing: source[segment]), into: target + plane * pixelCount, count: pixelCount
                )
                guard isWhole else { return false }
            }
            return true
        }
        guard let planes else { throw .damagedCodeStream("an RLE segment ends before its last pixel") }
        let samples = SampleOrder.interleaved(planes, pixels: pixelCount, channels: segmentCount, width: 1)
        guard layout.isPacked else { return DecodedSamples(bytes: samples, width: width) }
        return DecodedSamples(bytes: layout.unpacked(samples[...], firstBit: 0), width: layout.type.byteCount)
    }

    /// Ranges of the segments, counted from the beginning of the stream.
    private func segments(of stream: ArraySlice<UInt8>, count: Int) throws(DICOMError) -> [Range<Int>] {
        func number(_ index: Int) -> Int {
            (0..<4).reversed().reduce(0) { $0 << 8 | Int(stream[stream.startIndex + 4 * index + $1]) }
        }
        guard stream.count >= 64 else { throw .damagedCodeStream("an RLE frame is shorter than its header") }
        guard number(0) == count else {
            throw .codeStreamMismatch("an RLE frame has \(number(0)) segments and its samples take \(count)")
        }
        let starts = (1...count).map { number($0) } + [stream.count]
        guard starts[0] >= 64, zip(starts, starts.dropFirst()).allSatisfy({ $0 <= $1 }) else {
            throw .damagedCodeStream("the segments of an RLE frame lie outside of it")
        }
        return zip(starts, starts.dropFirst()).map { $0..<$1 }
    }

    /// PackBits; false when the source ends before `count` bytes.
    private static func unpack(
        _ source: UnsafeBufferPointer<UInt8>, into target: UnsafeMutablePointer<UInt8>, count: Int
    ) -> Bool {
        guard let base = source.baseAddress else { return false }
        var read = 0
        var written = 0
        while written < count, read < source.count {
            let code = unsafe Int(source[read])
            read += 1
            if code < 128 {
                let length = min(code + 1, count - written)
                guard read + length <= source.count else { return false }
                unsafe (target + written).update(from: base + read, count: length)
                written += length
                read += code + 1
            } else if code > 128 {
                guard read < source.count else { return false }
                let length = min(257 - code, count - written)
                unsafe (target + written).update(repeating: source[read], count: length)
                written += length
                read += 1
            }
        }
        return written == count
    }
}
