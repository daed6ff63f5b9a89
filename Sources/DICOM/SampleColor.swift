/// Colours of 8-bit samples.
enum SampleColor {
    /// YBR_FULL to RGB, in place, samples interleaved; rounded half up and clipped, in single precision as pydicom's.
    ///
    ///     R = Y + 1.402 (Cr - 128)
    ///     G = Y - 0.114 · 1.772 / 0.587 (Cb - 128) - 0.299 · 1.402 / 0.587 (Cr - 128)
    ///     B = Y + 1.772 (Cb - 128)
    ///
    /// **Source** PS3.3 C.7.6.3.1.2, ISO/IEC 10918-5 section 7.
    static func turnIntoRGB(_ samples: inout [UInt8]) {
        let greenFromBlue = Float(-0.114 * 1.772 / 0.587)
        let greenFromRed = Float(-0.299 * 1.402 / 0.587)
        unsafe samples.withUnsafeMutableBufferPointer { bytes in
            var start = 0
            while start &+ 2 < bytes.count {
                let luminance = unsafe Float(bytes[start])
                let blue = unsafe Float(bytes[start &+ 1]) - 128
                let red = unsafe Float(bytes[start &+ 2]) - 128
                unsafe bytes[start] = rounded(luminance + 1.402 * red)
                unsafe bytes[start &+ 1] = rounded(luminance + greenFromBlue * blue + greenFromRed * red)
                unsafe bytes[start &+ 2] = rounded(luminance + 1.772 * blue)
                start &+= 3
            }
        }
    }

    /// Adding a half and cutting off is the floor for what is not negative.
    @inline(__always)
    private static func rounded(_ value: Float) -> UInt8 { UInt8(min(max(value + 0.5, 0), 255)) }
}
