/// The number of an attribute: group and element.
package struct DICOMTag: Sendable, Hashable, Comparable, CustomStringConvertible {
    package let group: UInt16
    package let element: UInt16

    package init(_ group: UInt16, _ element: UInt16) {
        self.group = group
        self.element = element
    }

    /// Both halves in one number, group first: `0x00080060`.
    package init(number: UInt32) {
        self.init(UInt16(truncatingIfNeeded: number >> 16), UInt16(truncatingIfNeeded: number))
    }

    package var number: UInt32 { UInt32(group) << 16 | UInt32(element) }

    /// Odd groups belong to vendors (PS3.5 7.8).
    package var isPrivate: Bool { group & 1 == 1 }

    /// The element that reserves a block of a private group: (gggg,0010-00FF).
    package var isPrivateCreator: Bool { isPrivate && (0x10...0xFF).contains(element) }

    /// An attribute of an overlay plane: (6000-601E,eeee).
    var isOverlay: Bool { (0x6000...0x601E).contains(group) && !isPrivate }

    package static func < (left: DICOMTag, right: DICOMTag) -> Bool { left.number < right.number }

    /// Eight upper-case hexadecimal digits, the key of DICOM JSON (PS3.18 F.2.2): "00080060".
    package var hexadecimal: String {
        var digits: [UInt8] = []
        digits.reserveCapacity(8)
        for shift in stride(from: 28, through: 0, by: -4) {
            let digit = UInt8(truncatingIfNeeded: number >> UInt32(shift)) & 0xF
            digits.append(digit < 10 ? 0x30 + digit : 0x37 + digit)
        }
        return String(decoding: digits, as: UTF8.self)
    }

    /// "(0008,0060)".
    package var description: String { "(\(hexadecimal.prefix(4)),\(hexadecimal.suffix(4)))" }
}
