extension PixelBuffer {
    /// Different stored values, bit for bit.
    ///
    /// **Cost** one pass for 8- and 16-bit samples, a hash set for wider ones.
    package func distinctSamples() -> Int {
        switch type {
        case .u8, .i8: distinctUnsigned(UInt8.self)
        case .u16, .i16: distinctUnsigned(UInt16.self)
        case .u32, .i32, .f32: unsafe bytes.withUnsafeBytes { unsafe distinctWords($0, of: UInt32.self) }
        case .f64: unsafe bytes.withUnsafeBytes { unsafe distinctWords($0, of: UInt64.self) }
        }
    }

    private func distinctUnsigned<Word: FixedWidthInteger & BitwiseCopyable>(_ word: Word.Type) -> Int {
        unsafe bytes.withUnsafeBytes { raw in
            var isPresent = [Bool](repeating: false, count: Int(Word.max) + 1)
            for offset in stride(from: 0, to: raw.count, by: MemoryLayout<Word>.size) {
                isPresent[unsafe Int(raw.loadUnaligned(fromByteOffset: offset, as: Word.self))] = true
            }
            return isPresent.count(where: \.self)
        }
    }
}

private func distinctWords<Word: FixedWidthInteger & BitwiseCopyable>(
    _ raw: UnsafeRawBufferPointer, of word: Word.Type
) -> Int {
    var seen: Set<Word> = []
    for offset in stride(from: 0, to: raw.count, by: MemoryLayout<Word>.size) {
        seen.insert(unsafe raw.loadUnaligned(fromByteOffset: offset, as: Word.self))
    }
    return seen.count
}
