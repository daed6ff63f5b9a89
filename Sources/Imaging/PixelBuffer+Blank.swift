extension PixelBuffer {
    /// Whether fewer than 2% of the pixels differ from the most frequent pixel, decided exactly, pixels compared bit for
    /// bit with all channels together.
    ///
    /// If m of N pixels differ from the mode and m < N / 50, three things hold, each cheaper to refute than the next:
    /// 1. neighbours in the raster differ at most 2 m times, which real pictures exceed within the first rows;
    /// 2. the mode is the strict majority of any N / 25 + 1 pixels, so a majority vote over so many (Boyer and Moore) names
    ///    the only candidate;
    /// 3. the candidate, counted, is all but m of the pixels.
    var isBlank: Bool {
        switch type.byteCount * samplesPerPixel {
        case 1: unsafe withWords(as: UInt8.self) { unsafe isNearlyConstant($0) }
        case 2: unsafe withWords(as: UInt16.self) { unsafe isNearlyConstant($0) }
        case 4: unsafe withWords(as: UInt32.self) { unsafe isNearlyConstant($0) }
        case 8: unsafe withWords(as: UInt64.self) { unsafe isNearlyConstant($0) }
        case let width: unsafe withWords(as: UInt8.self) { unsafe isNearlyConstant($0, pixelByteCount: width) }
        }
    }
}

/// The largest m with m < N / 50.
private func deviationLimit(of pixelCount: Int) -> Int { (pixelCount - 1) / 50 }

/// Differences are counted in the word itself, over stretches too short to overflow a byte: then the loops vectorise.
private let stretch = 240

/// 1 unless the word is 0, by arithmetic: a condition would become a branch. The top bit of `w | -w` is set but for 0.
@inline(__always)
private func isNotZero<Word: FixedWidthInteger & UnsignedInteger>(_ word: Word) -> Word {
    let signed = word | (0 &- word)
    return signed &>> Word(truncatingIfNeeded: Word.bitWidth - 1)
}

@inline(__always)
private func isNearlyConstant<Pixel: FixedWidthInteger & UnsignedInteger & BitwiseCopyable>(
    _ pixels: UnsafeBufferPointer<Pixel>
) -> Bool {
    let limit = deviationLimit(of: pixels.count)
    guard unsafe !changesExceed(2 * limit, in: pixels, lag: 1) else { return false }
    var candidate: Pixel = 0
    var votes = 0
    for index in 0..<(pixels.count / 25 + 1) {
        let value = unsafe pixels[index]
        if votes == 0 { candidate = value }
        votes += value == candidate ? 1 : -1
    }
    var deviations = 0
    var start = 0
    while start < pixels.count {
        let end = min(start + stretch, pixels.count)
        var found: Pixel = 0
        for index in start..<end {
            found &+= unsafe isNotZero(pixels[index] ^ candidate)
        }
        deviations += Int(found)
        start = end
    }
    return deviations <= limit
}

/// The same for pixels that are no machine word (RGB): bytes are compared with those of the next pixel, of which up to
/// `width` differ per change, and the candidate is the offset of a pixel.
private func isNearlyConstant(_ bytes: UnsafeBufferPointer<UInt8>, pixelByteCount width: Int) -> Bool {
    let pixelCount = bytes.count / width
    let limit = deviationLimit(of: pixelCount)
    guard unsafe !changesExceed(2 * limit * width, in: bytes, lag: width) else { return false }
    func isEqual(_ first: Int, _ second: Int) -> Bool {
        for byte in 0..<width where unsafe bytes[first &+ byte] != bytes[second &+ byte] { return false }
        return true
    }
    var candidate = 0
    var votes = 0
    for index in 0..<(pixelCount / 25 + 1) {
        if votes == 0 { candidate = index &* width }
        votes += isEqual(index &* width, candidate) ? 1 : -1
    }
    var equal = 0
    for index in 0..<pixelCount where isEqual(index &* width, candidate) { equal &+= 1 }
    return pixelCount - equal <= limit
}

/// Whether more than `limit` words differ from the one `lag` words later; leaves as soon as they do.
@inline(__always)
private func changesExceed<Word: FixedWidthInteger & UnsignedInteger & BitwiseCopyable>(
    _ limit: Int, in words: UnsafeBufferPointer<Word>, lag: Int
) -> Bool {
    let count = words.count - lag
    var changes = 0
    var start = 0
    while start < count {
        let end = min(start + stretch, count)
        var found: Word = 0
        for index in start..<end {
            found &+= unsafe isNotZero(words[index] ^ words[index &+ lag])
        }
        changes += Int(found)
        if changes > limit { return true }
        start = end
    }
    return false
}
