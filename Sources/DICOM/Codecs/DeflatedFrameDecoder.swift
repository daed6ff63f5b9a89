/// Deflated Image Frame Compression: each frame is a raw deflate stream of its native bytes (PS3.5 A.4.14).
struct DeflatedFrameDecoder: FrameDecoder {
    func decode(_ stream: ArraySlice<UInt8>, layout: PixelLayout) throws(DICOMError) -> DecodedSamples {
        let byteCount = layout.storedFrameByteCount
        // Two bytes more: the padding to an even length, and one that tells of too many.
        let inflated = try DCMTKFunctions.inflate(Array(stream), from: 0, limit: byteCount + 2).bytes
        guard inflated.count >= byteCount else {
            throw .damagedCodeStream("a deflated frame holds \(inflated.count) bytes of \(byteCount)")
        }
        return layout.samples(of: inflated[..<byteCount])
    }
}
