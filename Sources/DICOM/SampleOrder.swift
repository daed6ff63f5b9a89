/// Kernels that reorder the samples of a frame.
enum SampleOrder {
    /// Big-endian to little-endian and back, in place.
    static func swapBytes(of samples: inout [UInt8], width: Int) {
        switch width {
        case 2: swapWords(&samples, UInt16.self)
        case 4: swapWords(&samples, UInt32.self)
        case 8: swapWords(&samples, UInt64.self)
        default: break
        }
    }

    private static func swapWords<Word: FixedWidthInteger & BitwiseCopyable>(
        _ samples: inout [UInt8], _ word: Word.Type
    ) {
        unsafe samples.withUnsafeMutableBytes { raw in
            unsafe raw.withMemoryRebound(to: Word.self) { words in
                for index in words.indices { unsafe words[index] = words[index].byteSwapped }
            }
        }
    }

    /// `[channel][pixel]` to `[pixel][channel]` (Planar Configuration 1 to 0).
    static func interleaved(_ planes: [UInt8], pixels: Int, channels: Int, width: Int) -> [UInt8] {
        precondition(planes.count == pixels * channels * width)
        switch (width, channels) {
        case (_, 1): return planes
        case (1, 2): return unsafe moved(planes, UInt8.self, pixels) { unsafe pair($0, $1, pixels) }
        case (2, _): return unsafe moved(planes, UInt16.self, pixels) { unsafe spread($0, $1, pixels, channels) }
        case (4, _): return unsafe moved(planes, UInt32.self, pixels) { unsafe spread($0, $1, pixels, channels) }
        case (8, _): return unsafe moved(planes, UInt64.self, pixels) { unsafe spread($0, $1, pixels, channels) }
        default: return unsafe moved(planes, UInt8.self, pixels) { unsafe spread($0, $1, pixels, channels) }
        }
    }

    private static func moved<Word: BitwiseCopyable>(
        _ planes: [UInt8], _ word: Word.Type, _ pixels: Int,
        _ body: (UnsafeMutablePointer<Word>, UnsafePointer<Word>) -> Void
    ) -> [UInt8] {
        unsafe [UInt8](unsafeUninitializedCapacity: planes.count) { target, count in
            unsafe planes.withUnsafeBytes { raw in
                let source = unsafe raw.bindMemory(to: Word.self)
                unsafe target.withMemoryRebound(to: Word.self) { words in
                    if let to = words.baseAddress, let from = source.baseAddress { unsafe body(to, from) }
                }
            }
            count = planes.count
        }
    }

    /// Two planes, the commonest case, in one pass that vectorises.
    private static func pair(_ target: UnsafeMutablePointer<UInt8>, _ source: UnsafePointer<UInt8>, _ pixels: Int) {
        for pixel in 0..<pixels {
            unsafe target[2 &* pixel] = source[pixel]
            unsafe target[2 &* pixel &+ 1] = source[pixels &+ pixel]
        }
    }

    private static func spread<Word: BitwiseCopyable>(
        _ target: UnsafeMutablePointer<Word>, _ source: UnsafePointer<Word>, _ pixels: Int, _ channels: Int
    ) {
        for channel in 0..<channels {
            for pixel in 0..<pixels {
                unsafe target[pixel &* channels &+ channel] = source[channel &* pixels &+ pixel]
            }
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
