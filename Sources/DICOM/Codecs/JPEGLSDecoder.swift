internal import CCharLS

/// JPEG-LS, lossless and near-lossless, of 2 to 16 bits (ISO/IEC 14495-1), by CharLS.
///
/// A missing end-of-image marker is not forgiven here: CharLS reads zeros for what a cut took away, so that only the
/// marker tells a whole code stream from a cut one.
struct JPEGLSDecoder: FrameDecoder {
    let head: CodeStreamHead

    func decode(_ stream: ArraySlice<UInt8>, layout: PixelLayout) throws(DICOMError) -> DecodedSamples {
        let width = DecodedSamples.width(ofBits: head.precision)
        let byteCount = layout.pixelCount * layout.samplesPerPixel * width
        let stream = Self.throughLastMarker(stream)
        var interleaving = CHARLS_INTERLEAVE_MODE_NONE
        var failure = CHARLS_JPEGLS_ERRC_SUCCESS
        func samples(of stream: ArraySlice<UInt8>) -> [UInt8]? {
            unsafe filling(byteCount, from: stream) { source, target in
                failure = unsafe Self.decode(source, into: target, byteCount: byteCount, &interleaving)
                return failure == CHARLS_JPEGLS_ERRC_SUCCESS
            }
        }
        var decoded = samples(of: stream)
        if failure == CHARLS_JPEGLS_ERRC_JPEG_MARKER_START_BYTE_NOT_FOUND {
            decoded = Self.withoutInnerPadding(stream).flatMap { samples(of: $0) }
        }
        guard let samples = decoded else {
            throw .damagedCodeStream("a JPEG-LS frame cannot be decoded (CharLS error \(failure.rawValue))")
        }
        return DecodedSamples(
            bytes: samples, width: width, precision: head.precision,
            isPlanar: interleaving == CHARLS_INTERLEAVE_MODE_NONE && layout.samplesPerPixel > 1)
    }

    /// Bytes behind the last marker are left out: where samples run into the end of their buffer instead of a marker,
    /// CharLS 2.4 may count bits through all of `int32_t`, which takes ten seconds.
    ///
    /// No code of a sample looks like a marker (ISO/IEC 14495-1 A.1).
    private static func throughLastMarker(_ stream: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var end = stream.endIndex
        while end > stream.startIndex + 2, stream[end - 2] != 0xFF || stream[end - 1] < 0x80 { end -= 1 }
        return stream[..<end]
    }

    /// Some writers pad to an even length before the end-of-image marker instead of behind it, which CharLS refuses;
    /// `nil` for others.
    private static func withoutInnerPadding(_ stream: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        let endOfImage: [UInt8] = [0, 0xFF, 0xD9]
        guard stream.suffix(3).elementsEqual(endOfImage) else { return nil }
        return stream.dropLast(3) + endOfImage.dropFirst()
    }

    private static func decode(
        _ source: UnsafeBufferPointer<UInt8>, into target: UnsafeMutablePointer<UInt8>, byteCount: Int,
        _ interleaving: inout charls_interleave_mode
    ) -> charls_jpegls_errc {
        guard let decoder = unsafe charls_jpegls_decoder_create() else {
            return CHARLS_JPEGLS_ERRC_NOT_ENOUGH_MEMORY
        }
        defer { unsafe charls_jpegls_decoder_destroy(decoder) }
        var needed = 0
        guard let base = source.baseAddress else { return CHARLS_JPEGLS_ERRC_SOURCE_BUFFER_TOO_SMALL }
        let steps: [() -> charls_jpegls_errc] = [
            { unsafe charls_jpegls_decoder_set_source_buffer(decoder, base, source.count) },
            { unsafe charls_jpegls_decoder_read_header(decoder) },
            { unsafe charls_jpegls_decoder_get_destination_size(decoder, 0, &needed) },
            { needed == byteCount ? CHARLS_JPEGLS_ERRC_SUCCESS : CHARLS_JPEGLS_ERRC_DESTINATION_BUFFER_TOO_SMALL },
            { unsafe charls_jpegls_decoder_decode_to_buffer(decoder, target, byteCount, 0) },
        ]
        for step in steps {
            let status = step()
            // All rows are there when only the end-of-image marker is not.
            guard status != CHARLS_JPEGLS_ERRC_END_OF_IMAGE_MARKER_NOT_FOUND else { break }
            guard status == CHARLS_JPEGLS_ERRC_SUCCESS else { return status }
        }
        return unsafe charls_jpegls_decoder_get_interleave_mode(decoder, &interleaving)
    }
}
