/// A palette table written as segments: runs of entries, straight lines, and references to earlier segments.
///
/// **Source** PS3.3 C.7.9.2.
package struct SegmentedPalette {
    private let words: [UInt16]
    private let isByteWide: Bool
    private var entries: [UInt16] = []

    /// `bits` is the width of opcodes, lengths and entries: 8 or 16.
    package init(_ bytes: [UInt8], bits: Int) {
        isByteWide = bits == 8
        words =
            isByteWide
            ? bytes.map { UInt16($0) }
            : stride(from: 0, to: bytes.count - 1, by: 2).map { UInt16(bytes[$0]) | UInt16(bytes[$0 + 1]) << 8 }
    }

    /// All entries, at most `count`.
    ///
    /// **Throws** `invalidTable` when a segment is cut off, has an unknown code, or nothing before it to go on.
    package func expanded(to count: Int) throws(ImagingError) -> [UInt16] {
        var expansion = self
        var position = 0
        // A code and a length at least: what is shorter is padding.
        while position + 2 <= words.count, expansion.entries.count < count {
            position = try expansion.segment(at: position, isReferenced: false, limit: count)
        }
        return Array(expansion.entries.prefix(count))
    }

    /// Appends the segment at a word and returns where the next begins.
    private mutating func segment(at start: Int, isReferenced: Bool, limit: Int) throws(ImagingError) -> Int {
        guard start + 2 <= words.count else { throw Self.malformed() }
        let length = Int(words[start + 1])
        let data = start + 2
        switch words[start] {
        case 0:
            guard data + length <= words.count else { throw Self.malformed() }
            entries += words[data..<data + length]
            return data + length
        case 1:
            guard data < words.count, let from = entries.last else { throw Self.malformed() }
            appendLine(from: Double(from), to: Double(words[data]), length: length)
            return data + 1
        case 2 where !isReferenced:
            let width = isByteWide ? 4 : 2
            guard data + width <= words.count, !entries.isEmpty else { throw Self.malformed() }
            var position = reference(at: data)
            for _ in 0..<length where entries.count < limit {
                position = try segment(at: position, isReferenced: true, limit: limit)
            }
            return data + width
        default: throw Self.malformed()
        }
    }

    /// Where an indirect segment points, in words: it says so in bytes, the low half first.
    ///
    /// pydicom 3.0.2 takes the bytes for words in tables of 16 bits.
    private func reference(at data: Int) -> Int {
        let parts = words[data..<data + (isByteWide ? 4 : 2)].reversed()
        let offset = parts.reduce(0) { $0 << (isByteWide ? 8 : 16) | Int($1) }
        return isByteWide ? offset : offset / 2
    }

    /// `length` entries that end at `to`, rounded half to even.
    private mutating func appendLine(from: Double, to: Double, length: Int) {
        guard length > 0 else { return }
        for step in 1...length {
            let value = from + (to - from) * Double(step) / Double(length)
            entries.append(UInt16(value.rounded(.toNearestOrEven)))
        }
    }

    private static func malformed() -> ImagingError {
        .invalidTable(reason: "a segment of it is cut off or has nothing to go on from")
    }
}
