import DICOM
import Foundation
import Imaging
import TestSupport

/// Small images, each with another way of saying how it is to be shown.
enum DisplayFixtures {
    /// Writes the files below `in`. Returns their paths by SOP Instance UID.
    static func write(to folder: TemporaryFolder) throws -> [String: String] {
        var paths: [String: String] = [:]
        for (index, image) in try images().enumerated() {
            let uid = "2.25.77.\(index)"
            let bytes = try DICOMWriter().file(elements: common(uid) + image.elements, frames: image.frames)
            try folder.write(bytes, to: "in/" + image.name)
            paths[uid + ".1"] = folder.path("in/" + image.name)
        }
        return paths
    }

    private typealias Image = (name: String, elements: [DICOMElement], frames: [PixelBuffer])

    private static func images() throws -> [Image] {
        try grey() + tables() + plain()
    }

    private static func signed() throws -> PixelBuffer { try frame((0..<64).map { Int16($0 * 40 - 900) }) }
    private static func unsigned() throws -> PixelBuffer { try frame((0..<64).map { UInt16($0 * $0) }) }
    private static func bytes() throws -> PixelBuffer { try frame((0..<64).map { UInt8($0 * 4) }) }
    private static let window = [ds(0x0028, 0x1050, "40", "300"), ds(0x0028, 0x1051, "400", "1500")]
    private static let inverse = [cs(0x0028, 0x0004, "MONOCHROME1")]

    private static func function(_ name: String) -> [DICOMElement] { [cs(0x0028, 0x1056, name)] }

    private static func grey() throws -> [Image] {
        let rescale = [ds(0x0028, 0x1052, "-1024"), ds(0x0028, 0x1053, "1.5")]
        let narrow = [ds(0x0028, 0x1050, "700.25"), ds(0x0028, 0x1051, "0.5")]
        return [
            ("linear", window + rescale, [try signed()]),
            ("inverse-sigmoid", window + inverse + function("SIGMOID"), [try unsigned()]),
            ("exact", narrow + function("LINEAR_EXACT"), [try unsigned()]),
            ("frames", window, [try unsigned(), try frame((0..<64).map { UInt16($0) }), try unsigned()]),
        ]
    }

    private static func tables() throws -> [Image] {
        let falling: [UInt16] = (0..<300).map { UInt16(4_095 - $0 * 13) }
        let saw: [UInt16] = (0..<1_024).map { UInt16($0 * 3 % 1_000) }
        let ramp = try frame((0..<64).map { UInt16($0 * 17) })
        let colour = try PixelBuffer(rows: 8, columns: 8, samplesPerPixel: 3, elements: (0..<192).map { UInt8($0) })
        return [
            ("voi-lut", window + [table(0x3010, first: 100, entries: falling, bits: 12)], [try unsigned()]),
            ("modality-lut", [table(0x3000, first: 0, entries: saw, bits: 16)], [ramp]),
            ("palette", [cs(0x0028, 0x0004, "PALETTE COLOR")] + palette(), [try bytes()]),
            ("palette-segmented", [cs(0x0028, 0x0004, "PALETTE COLOR")] + segmentedPalette(), [try bytes()]),
            ("colour", [cs(0x0028, 0x0004, "RGB")], [colour]),
        ]
    }

    private static func plain() throws -> [Image] {
        [
            ("constant", [], [try frame([Int16](repeating: -5, count: 64))]),
            ("constant-inverse", inverse, [try frame([UInt16](repeating: 9, count: 64))]),
            ("no-window", [], [try unsigned()]), ("bytes", [], [try bytes()]),
            ("bytes-inverse", inverse, [try bytes()]),
        ]
    }

    private static func frame<T: PixelElement>(_ elements: [T]) throws -> PixelBuffer {
        try PixelBuffer(rows: 8, columns: 8, elements: elements)
    }

    private static func table(_ sequence: UInt16, first: Int, entries: [UInt16], bits: Int) -> DICOMElement {
        let item = DICOMHeader(elements: [
            us(0x0028, 0x3002, [entries.count, first, bits]), words(0x0028, 0x3006, entries),
        ])
        return DICOMElement(tag: DICOMTag(0x0028, sequence), vr: .SQ, value: .items([item]))
    }

    private static func palette() -> [DICOMElement] {
        var elements: [DICOMElement] = []
        for channel in 0..<3 {
            let entries: [UInt16] = (0..<256).map { (index: Int) -> UInt16 in
                let level = index * (channel + 3) % 256
                return UInt16(level) << 8
            }
            elements.append(us(0x0028, 0x1101 + UInt16(channel), [256, 0, 16]))
            elements.append(words(0x0028, 0x1201 + UInt16(channel), entries))
        }
        return elements
    }

    /// Two entries as they are, then a straight line of 254 to another.
    private static func segmentedPalette() -> [DICOMElement] {
        (0..<3).flatMap { (channel: UInt16) -> [DICOMElement] in
            let segments: [UInt16] = [0, 2, 200 * channel, 300, 1, 254, 65_535 - 20_000 * channel]
            return [
                us(0x0028, 0x1101 + channel, [256, 0, 16]), words(0x0028, 0x1221 + channel, segments),
            ]
        }
    }

    private static func common(_ uid: String) -> [DICOMElement] {
        [
            text(0x0008, 0x0016, .UI, "1.2.840.10008.5.1.4.1.1.7"), text(0x0008, 0x0018, .UI, uid + ".1"),
            cs(0x0008, 0x0060, "OT"), text(0x0010, 0x0020, .LO, "77"), text(0x0020, 0x000D, .UI, "2.25.77"),
            text(0x0020, 0x000E, .UI, uid + ".2"), text(0x0020, 0x0013, .IS, "1"),
        ]
    }

    private static func text(_ group: UInt16, _ number: UInt16, _ vr: DICOMVR, _ values: String...) -> DICOMElement {
        DICOMElement(tag: DICOMTag(group, number), vr: vr, value: .strings(values))
    }

    private static func cs(_ group: UInt16, _ number: UInt16, _ value: String) -> DICOMElement {
        text(group, number, .CS, value)
    }

    private static func ds(_ group: UInt16, _ number: UInt16, _ values: String...) -> DICOMElement {
        DICOMElement(tag: DICOMTag(group, number), vr: .DS, value: .strings(values))
    }

    private static func us(_ group: UInt16, _ number: UInt16, _ values: [Int]) -> DICOMElement {
        DICOMElement(tag: DICOMTag(group, number), vr: .US, value: .unsigned(values.map { UInt64($0) }))
    }

    private static func words(_ group: UInt16, _ number: UInt16, _ entries: [UInt16]) -> DICOMElement {
        DICOMElement(
            tag: DICOMTag(group, number), vr: .OW,
            value: .bytes(entries.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] }))
    }
}
