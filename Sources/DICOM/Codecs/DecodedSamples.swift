/// What a decoder gives: samples in words of 1, 2 or 4 bytes, little-endian, and what the code stream says of them.
struct DecodedSamples {
    var bytes: [UInt8]
    /// Bytes of one sample.
    let width: Int
    /// Bits of a sample that count, where the code stream says so and the header does not decide; else `nil`.
    let precision: Int?
    /// The code stream says whether values are signed, as JPEG 2000 does.
    let knowsSign: Bool
    /// The values are signed numbers already.
    let isSigned: Bool
    /// `[channel][pixel]` instead of `[pixel][channel]`.
    let isPlanar: Bool

    init(
        bytes: [UInt8], width: Int, precision: Int? = nil, knowsSign: Bool = false, isSigned: Bool = false,
        isPlanar: Bool = false
    ) {
        self.bytes = bytes
        self.width = width
        self.precision = precision
        self.knowsSign = knowsSign
        self.isSigned = isSigned
        self.isPlanar = isPlanar
    }

    /// The samples, without a second owner, so that they can be changed in place.
    mutating func takeBytes() -> [UInt8] {
        defer { bytes = [] }
        return bytes
    }

    /// Bytes of the smallest word that holds so many bits.
    static func width(ofBits bits: Int) -> Int { bits <= 8 ? 1 : bits <= 16 ? 2 : 4 }
}
