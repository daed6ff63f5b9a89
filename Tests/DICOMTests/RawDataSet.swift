@testable import DICOM

/// Hand-built bytes of data sets, for what no writer would write.
struct RawDataSet {
    private(set) var bytes: [UInt8] = []

    static let preamble = [UInt8](repeating: 0, count: 128) + [UInt8]("DICM".utf8)

    /// Preamble and file meta information with this transfer syntax.
    static func file(syntax: DICOMTransferSyntax, dataSet: [UInt8]) -> [UInt8] {
        var uid = [UInt8](syntax.uid.utf8)
        if !uid.count.isMultiple(of: 2) { uid.append(0) }
        let meta: [UInt8] = [2, 0, 0x10, 0, 0x55, 0x49, UInt8(uid.count), 0] + uid
        return preamble + meta + dataSet
    }

    /// Explicit VR little-endian element; `length` overrides the true one.
    mutating func explicit(_ tag: DICOMTag, _ vr: DICOMVR, _ value: [UInt8], length: UInt32? = nil) {
        appendTag(tag)
        bytes += [UInt8](vr.rawValue.utf8)
        let count = length ?? UInt32(value.count)
        if vr.hasLongLength {
            bytes += [0, 0] + Self.littleEndian(count)
        } else {
            bytes += Self.littleEndian(count).prefix(2)
        }
        bytes += value
    }

    mutating func explicit(_ tag: DICOMTag, _ vr: DICOMVR, _ text: String) {
        explicit(tag, vr, [UInt8](text.utf8) + (text.utf8.count.isMultiple(of: 2) ? [] : [0x20]))
    }

    /// Implicit VR little-endian element, item or delimiter.
    mutating func implicit(_ tag: DICOMTag, _ value: [UInt8] = [], length: UInt32? = nil) {
        appendTag(tag)
        bytes += Self.littleEndian(length ?? UInt32(value.count)) + value
    }

    /// Rows, Columns and sample format of a small grey image.
    mutating func explicitImage(rows: UInt16, columns: UInt16, bits: UInt16, isSigned: Bool = false) {
        explicit(.samplesPerPixel, .US, [1, 0])
        explicit(.photometricInterpretation, .CS, "MONOCHROME2")
        explicit(.rows, .US, [UInt8(rows & 0xFF), UInt8(rows >> 8)])
        explicit(.columns, .US, [UInt8(columns & 0xFF), UInt8(columns >> 8)])
        explicit(.bitsAllocated, .US, [UInt8(bits), 0])
        explicit(.pixelRepresentation, .US, [isSigned ? 1 : 0, 0])
    }

    private mutating func appendTag(_ tag: DICOMTag) {
        bytes += [
            UInt8(tag.group & 0xFF), UInt8(tag.group >> 8), UInt8(tag.element & 0xFF), UInt8(tag.element >> 8),
        ]
    }

    private static func littleEndian(_ number: UInt32) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
    }
}
