/// Kernels that reorder the samples of a frame.
enum SampleOrder {
    /// Big-endian to little-endian and back, in place.
    static func swapBytes(of samples: inout [UInt8], width: Int) {
        guard width > 1 else { return }
        unsafe samples.withUnsafeMutableBufferPointer { bytes in
            for start in stride(from: 0, to: bytes.count - width + 1, by: width) {
                for offset in 0..<width / 2 {
                    unsafe bytes.swapAt(start + offset, start + width - 1 - offset)
                }
            }
        }
    }

    /// `[channel][pixel]` to `[pixel][channel]` (Planar Configuration 1 to 0).
    static func interleaved(_ planes: [UInt8], pixels: Int, channels: Int, width: Int) -> [UInt8] {
        precondition(planes.count == pixels * channels * width)
        return unsafe [UInt8](unsafeUninitializedCapacity: planes.count) { target, count in
            for channel in 0..<channels {
                for pixel in 0..<pixels {
                    for byte in 0..<width {
                        unsafe target[(pixel * channels + channel) * width + byte] =
                            planes[(channel * pixels + pixel) * width + byte]
                    }
                }
            }
            count = planes.count
        }
    }

    /// Y1 Y2 Cb Cr of two pixels to Y1 Cb Cr, Y2 Cb Cr (PS3.3 C.7.6.3.1.2, YBR_FULL_422).
    static func expanded(_ pairs: [UInt8]) -> [UInt8] {
        var samples: [UInt8] = []
        samples.reserveCapacity(pairs.count / 2 * 3)
        for start in stride(from: 0, to: pairs.count - 3, by: 4) {
            let (blue, red) = (pairs[start + 2], pairs[start + 3])
            samples.append(contentsOf: [pairs[start], blue, red, pairs[start + 1], blue, red])
        }
        return samples
    }
}
