/// Kernels over the words of samples.
enum SampleWords {
    /// Words of `from` bytes to words of `to` bytes, a larger number; the sign is kept where there is one.
    static func widened(_ samples: [UInt8], from: Int, to: Int, isSigned: Bool) -> [UInt8] {
        switch (from, to, isSigned) {
        case (1, 2, false): converted(samples, UInt8.self, UInt16.self)
        case (1, 2, true): converted(samples, Int8.self, Int16.self)
        case (1, 4, false): converted(samples, UInt8.self, UInt32.self)
        case (1, 4, true): converted(samples, Int8.self, Int32.self)
        case (2, 4, false): converted(samples, UInt16.self, UInt32.self)
        case (2, 4, true): converted(samples, Int16.self, Int32.self)
        default: samples
        }
    }

    /// Takes away all but the lowest `bits` of each word, and repeats the highest of them where it is a sign.
    static func reduce(_ samples: inout [UInt8], width: Int, toBits bits: Int, isSigned: Bool) {
        switch (width, isSigned) {
        case (1, false): shift(&samples, UInt8.self, by: 8 - bits)
        case (1, true): shift(&samples, Int8.self, by: 8 - bits)
        case (2, false): shift(&samples, UInt16.self, by: 16 - bits)
        case (2, true): shift(&samples, Int16.self, by: 16 - bits)
        case (4, false): shift(&samples, UInt32.self, by: 32 - bits)
        case (4, true): shift(&samples, Int32.self, by: 32 - bits)
        default: break
        }
    }

    /// Left, then right by the same number of bits: an arithmetic shift repeats the sign.
    private static func shift<Word: FixedWidthInteger & BitwiseCopyable>(
        _ samples: inout [UInt8], _ word: Word.Type, by bits: Int
    ) {
        let count = Word(truncatingIfNeeded: bits)
        unsafe samples.withUnsafeMutableBytes { raw in
            unsafe raw.withMemoryRebound(to: Word.self) { words in
                for index in words.indices { unsafe words[index] = (words[index] &<< count) &>> count }
            }
        }
    }

    private static func converted<Source: FixedWidthInteger & BitwiseCopyable, Target: FixedWidthInteger>(
        _ samples: [UInt8], _ source: Source.Type, _ target: Target.Type
    ) -> [UInt8] {
        let count = samples.count / MemoryLayout<Source>.size
        let byteCount = count * MemoryLayout<Target>.size
        return unsafe [UInt8](unsafeUninitializedCapacity: byteCount) { bytes, initialized in
            unsafe samples.withUnsafeBytes { raw in
                let words = unsafe raw.bindMemory(to: Source.self)
                unsafe bytes.withMemoryRebound(to: Target.self) { wide in
                    for index in 0..<count { unsafe wide[index] = Target(truncatingIfNeeded: words[index]) }
                }
            }
            initialized = byteCount
        }
    }
}
