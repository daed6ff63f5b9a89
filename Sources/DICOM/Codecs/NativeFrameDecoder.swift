/// Encapsulated Uncompressed Explicit VR Little Endian: each frame is its native bytes in fragments (PS3.5 A.4.11).
struct NativeFrameDecoder: FrameDecoder {
    func decode(_ stream: ArraySlice<UInt8>, layout: PixelLayout) throws(DICOMError) -> DecodedSamples {
        let byteCount = layout.storedFrameByteCount
        guard stream.count >= byteCount else {
            throw .damagedCodeStream("an uncompressed frame holds \(stream.count) bytes of \(byteCount)")
        }
        return layout.samples(of: stream.prefix(byteCount))
    }
}
