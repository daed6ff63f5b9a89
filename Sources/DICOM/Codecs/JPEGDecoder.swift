internal import CDCMTK

/// JPEG baseline, extended, progressive and lossless of 2 to 16 bits (ISO/IEC 10918-1), by DCMTK's IJG libraries.
///
/// Chrominance is upsampled smoothly, as GDCM, libjpeg and libjpeg-turbo do; colours stay as coded.
struct JPEGDecoder: FrameDecoder {
    let head: CodeStreamHead

    func decode(_ stream: ArraySlice<UInt8>, layout: PixelLayout) throws(DICOMError) -> DecodedSamples {
        guard head.precision <= 16 else {
            throw .unsupportedPixelFormat("a JPEG frame has \(head.precision) bits per sample, and it has at most 16")
        }
        let width = DecodedSamples.width(ofBits: head.precision)
        var error = cdcmtk_error()
        let byteCount = layout.pixelCount * layout.samplesPerPixel * width
        let samples = unsafe filling(byteCount, from: stream) { source, target in
            guard let base = source.baseAddress else { return false }
            let status = unsafe cdcmtk_decode_jpeg(
                base, source.count, Int32(head.precision), target, byteCount, &error)
            return status == cdcmtk_ok
        }
        guard let samples else {
            throw .damagedCodeStream("a JPEG frame cannot be decoded: \(DCMTKFunctions.text(of: &error))")
        }
        return DecodedSamples(bytes: samples, width: width)
    }
}
