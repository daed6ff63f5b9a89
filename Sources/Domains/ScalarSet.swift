/// A set of Unicode scalars, as ranges of their values.
struct ScalarSet: Sendable, Equatable {
    private var ranges: [ClosedRange<UInt32>]
    private var isInverted = false
    /// Members in ASCII, one bit each, the inversion applied: nearly all text asks only for these.
    private var lowASCII: UInt64 = 0
    private var highASCII: UInt64 = 0

    init(ranges: [ClosedRange<UInt32>]) {
        self.ranges = ranges
        indexASCII()
    }

    init(_ scalars: [Unicode.Scalar]) {
        self.init(ranges: scalars.map { $0.value...$0.value })
    }

    static let digits = ScalarSet(ranges: [0x30...0x39])
    static let wordCharacters = ScalarSet(ranges: [0x30...0x39, 0x41...0x5A, 0x5F...0x5F, 0x61...0x7A])
    /// The scalars with the Unicode property White_Space.
    static let whiteSpace = ScalarSet(ranges: [
        0x09...0x0D, 0x20...0x20, 0x85...0x85, 0xA0...0xA0, 0x1680...0x1680, 0x2000...0x200A, 0x2028...0x2029,
        0x202F...0x202F, 0x205F...0x205F, 0x3000...0x3000,
    ])

    var inverted: ScalarSet {
        var result = self
        result.isInverted.toggle()
        result.indexASCII()
        return result
    }

    /// The single member of a set that was made from one scalar.
    var only: Unicode.Scalar? {
        guard !isInverted, ranges.count == 1, ranges[0].count == 1 else { return nil }
        return Unicode.Scalar(ranges[0].lowerBound)
    }

    /// Adds the members of `other`; the set itself must not be an inverted one.
    mutating func formUnion(_ other: ScalarSet) {
        precondition(!isInverted, "a union is built before it is inverted")
        ranges += other.isInverted ? other.gaps : other.ranges
        indexASCII()
    }

    func contains(_ scalar: Unicode.Scalar) -> Bool {
        let value = scalar.value
        if value < 64 { return lowASCII >> UInt64(value) & 1 == 1 }
        if value < 128 { return highASCII >> UInt64(value - 64) & 1 == 1 }
        return isInRanges(value) != isInverted
    }

    private func isInRanges(_ value: UInt32) -> Bool { ranges.contains { $0.contains(value) } }

    private mutating func indexASCII() {
        lowASCII = 0
        highASCII = 0
        for value in UInt32(0)..<64 {
            if isInRanges(value) != isInverted { lowASCII |= 1 << UInt64(value) }
            if isInRanges(value + 64) != isInverted { highASCII |= 1 << UInt64(value) }
        }
    }

    /// The ranges between the ranges, which are what an inverted set holds.
    private var gaps: [ClosedRange<UInt32>] {
        var result: [ClosedRange<UInt32>] = []
        var next: UInt32 = 0
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if range.lowerBound > next { result.append(next...(range.lowerBound - 1)) }
            next = max(next, range.upperBound + 1)
        }
        if next <= 0x10FFFF { result.append(next...0x10FFFF) }
        return result
    }
}
