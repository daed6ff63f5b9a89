/// The text forms of PS3.5 section 6.2: padding, IS and DS.
enum DICOMText {
    /// Spaces and NULs are padding; which side is significant depends on the VR, and no number or code needs either.
    static func trimmed(_ text: String) -> String {
        let bytes = text.utf8
        guard let first = bytes.firstIndex(where: { !isPadding($0) }),
            let last = bytes.lastIndex(where: { !isPadding($0) })
        else { return "" }
        let isTrimmed = first == bytes.startIndex && bytes.index(after: last) == bytes.endIndex
        return isTrimmed ? text : String(text[first...last])
    }

    static func isPadding(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0 }

    /// An IS value. Writers that put "20.0" meant 20; "1A" is no number.
    static func integer(_ text: String) -> Int? {
        let digits = trimmed(text)
        return Int(digits) ?? decimal(digits).flatMap { Int(exactly: $0) }
    }

    /// A DS value: digits, sign, point and exponent only; Swift's "nan", "inf" and "0x1p3" are not numbers here.
    static func decimal(_ text: String) -> Double? {
        let digits = trimmed(text)
        let isPlain = digits.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || [0x2B, 0x2D, 0x2E, 0x45, 0x65].contains(byte)
        }
        guard isPlain, let number = Double(digits), number.isFinite else { return nil }
        return number
    }
}
