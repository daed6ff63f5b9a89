internal import COpenJPEG

/// JPEG 2000 and high-throughput JPEG 2000, lossless and lossy (ISO/IEC 15444-1, -2 as far as it is like -1, -15).
///
/// A component transform (YBR_RCT, YBR_ICT) is undone, so that colours come out as RGB.
struct JPEG2000Decoder: FrameDecoder {
    let head: CodeStreamHead

    func decode(_ stream: ArraySlice<UInt8>, layout: PixelLayout) throws(DICOMError) -> DecodedSamples {
        let width = DecodedSamples.width(ofBits: head.precision)
        let byteCount = layout.pixelCount * layout.samplesPerPixel * width
        var shape = copenjpeg_shape(
            rows: UInt32(head.rows), columns: UInt32(head.columns), components: UInt32(head.components),
            precision: UInt32(head.precision), is_signed: head.isSigned)
        var message = [CChar](repeating: 0, count: 200)
        func samples(of stream: ArraySlice<UInt8>) -> [UInt8]? {
            unsafe filling(byteCount, from: stream) { source, target in
                guard let base = source.baseAddress else { return false }
                return unsafe copenjpeg_decode(base, source.count, &shape, target, byteCount, &message, message.count)
                    == copenjpeg_ok
            }
        }
        func samples(ofEnded stream: ArraySlice<UInt8>) -> [UInt8]? {
            // A byte of padding may stand where the marker is missing.
            withEndMarker(stream).flatMap { samples(of: $0) }
                ?? (stream.last == 0 ? withEndMarker(stream.dropLast()).flatMap { samples(of: $0) } : nil)
        }
        let stream = stream.dropFirst(head.start)
        guard let samples = samples(of: stream) ?? samples(ofEnded: stream) else {
            let reason = String(decoding: message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            throw .damagedCodeStream("a JPEG 2000 frame cannot be decoded: \(reason)")
        }
        return DecodedSamples(
            bytes: samples, width: width, precision: head.precision, knowsSign: true, isSigned: head.isSigned)
    }

    /// The code stream with the end marker that its writer left out (EOC); `nil` when it has one.
    ///
    /// Safe because lengths of code blocks are announced: OpenJPEG, which is strict, finds those that were cut.
    private func withEndMarker(_ stream: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        let tail = Array(stream.suffix(8))
        guard !zip(tail, tail.dropFirst()).contains(where: { $0 == 0xFF && $1 == 0xD9 }) else { return nil }
        return stream + [0xFF, 0xD9]
    }
}
