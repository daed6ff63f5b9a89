extension FixedWidthInteger {
    /// The bytes, the least significant first.
    var littleEndianBytes: [UInt8] {
        (0..<Self.bitWidth / 8).map { UInt8(truncatingIfNeeded: self >> (8 * $0)) }
    }
}

extension Float {
    var littleEndianBytes: [UInt8] { bitPattern.littleEndianBytes }
}
