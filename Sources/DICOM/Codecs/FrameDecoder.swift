/// Decodes one code stream; knows nothing of files and fragments.
protocol FrameDecoder: Sendable {
    /// Samples of one frame, from the joined bytes of its fragments.
    ///
    /// **Throws** `damagedCodeStream`, `codeStreamMismatch` (before anything is allocated), `unsupportedPixelFormat`.
    func decode(_ stream: ArraySlice<UInt8>, layout: PixelLayout) throws(DICOMError) -> DecodedSamples
}

extension FrameDecoder {
    /// Lets a C function fill `byteCount` bytes from the bytes of `stream`; `nil` when it returns false.
    func filling(
        _ byteCount: Int, from stream: ArraySlice<UInt8>,
        _ body: (UnsafeBufferPointer<UInt8>, UnsafeMutablePointer<UInt8>) -> Bool
    ) -> [UInt8]? {
        var isFilled = false
        let samples = unsafe [UInt8](unsafeUninitializedCapacity: byteCount) { target, count in
            unsafe stream.withUnsafeBufferPointer { source in
                guard let base = target.baseAddress else { return }
                isFilled = unsafe body(source, base)
            }
            count = isFilled ? byteCount : 0
        }
        return isFilled ? samples : nil
    }
}
