import DICOM
import Imaging
import TestSupport

/// One CT series of a few pixels a slice, written slice by slice as a test wants it.
struct TinySeries {
    var patientID: String? = "1234567"
    var uid = "2.25.100"
    var rows = 4
    var columns = 6
    /// mm
    var step = 2.5

    /// The file of slice `index`; `tint` is added to each pixel.
    ///
    /// - Parameters:
    ///   - extra: attributes that are added, in place of those of the same tag.
    ///   - without: tags that are left out.
    func file(
        _ index: Int, tint: Int16 = 0, description: String? = nil, extra: [DICOMElement] = [],
        without: Set<DICOMTag> = []
    ) throws -> [UInt8] {
        let elements: [Int16] = (0..<rows * columns).map { Int16($0 * 7 + index * 100) + tint }
        let frame = try PixelBuffer(rows: rows, columns: columns, samplesPerPixel: 1, elements: elements)
        var header = [
            element(0x0008, 0x0016, .UI, "1.2.840.10008.5.1.4.1.1.2"),
            element(0x0008, 0x0018, .UI, "\(uid).9.\(index)"),
            element(0x0008, 0x0060, .CS, "CT"), element(0x0020, 0x000D, .UI, uid + ".1"),
            element(0x0020, 0x000E, .UI, uid + ".2"), element(0x0020, 0x0013, .IS, "\(index + 1)"),
            element(0x0020, 0x0032, .DS, "-10", "-20", "\(Double(index) * step)"),
            element(0x0020, 0x0037, .DS, "1", "0", "0", "0", "1", "0"), element(0x0028, 0x0030, .DS, "0.5", "0.75"),
            element(0x0018, 0x0050, .DS, "\(step)"), element(0x0018, 0x0060, .DS, "120"),
            // Differs from slice to slice, so that the common header shrinks when the series grows.
            element(0x0018, 0x1151, .IS, index < 2 ? "200" : "300"),
        ]
        if let patientID { header.append(element(0x0010, 0x0020, .LO, patientID)) }
        if let description { header.append(element(0x0008, 0x103E, .LO, description)) }
        let left = without.union(extra.map(\.tag))
        return try DICOMWriter().file(elements: header.filter { !left.contains($0.tag) } + extra, frames: [frame])
    }

    /// A file of several frames, whose places are in functional groups as enhanced CT has them.
    func enhanced(_ name: String, frames indices: [Int]) throws -> [UInt8] {
        let frames = try indices.map { index in
            try PixelBuffer(
                rows: rows, columns: columns, samplesPerPixel: 1,
                elements: (0..<rows * columns).map { Int16($0 * 7 + index * 100) })
        }
        func group(_ tag: DICOMTag, _ elements: DICOMElement...) -> DICOMElement {
            DICOMElement(tag: tag, vr: .SQ, value: .items([DICOMHeader(elements: elements)]))
        }
        let shared = [
            group(DICOMTag(0x0020, 0x9116), element(0x0020, 0x0037, .DS, "1", "0", "0", "0", "1", "0")),
            group(DICOMTag(0x0028, 0x9110), element(0x0028, 0x0030, .DS, "0.5", "0.75")),
        ]
        let places = indices.map { index in
            DICOMHeader(elements: [
                group(
                    DICOMTag(0x0020, 0x9113), element(0x0020, 0x0032, .DS, "-10", "-20", "\(Double(index) * step)"))
            ])
        }
        var header = [
            element(0x0008, 0x0016, .UI, "1.2.840.10008.5.1.4.1.1.2.1"),
            element(0x0008, 0x0018, .UI, "\(uid).9.\(name.utf8.first ?? 0)"), element(0x0008, 0x0060, .CS, "CT"),
            element(0x0020, 0x000D, .UI, uid + ".1"), element(0x0020, 0x000E, .UI, uid + ".2"),
            element(0x0028, 0x0008, .IS, "\(indices.count)"),
            DICOMElement(
                tag: DICOMTag(0x5200, 0x9229), vr: .SQ, value: .items([DICOMHeader(elements: shared)])),
            DICOMElement(tag: DICOMTag(0x5200, 0x9230), vr: .SQ, value: .items(places)),
        ]
        if let patientID { header.append(element(0x0010, 0x0020, .LO, patientID)) }
        return try DICOMWriter().file(elements: header, frames: frames)
    }

    /// A presentation state or report: a header without pixels.
    func object(_ description: String) throws -> [UInt8] {
        try DICOMWriter().file(
            elements: [
                element(0x0008, 0x0016, .UI, "1.2.840.10008.5.1.4.1.1.88.11"),
                element(0x0008, 0x0018, .UI, uid + ".8"), element(0x0008, 0x0060, .CS, "SR"),
                element(0x0010, 0x0020, .LO, patientID ?? ""), element(0x0020, 0x000D, .UI, uid + ".1"),
                element(0x0020, 0x000E, .UI, uid + ".7"), element(0x0020, 0x0013, .IS, description),
            ], frames: [])
    }

    /// Writes slices as `folder/IMn`.
    func write(_ indices: some Sequence<Int>, to folder: TemporaryFolder, below name: String = "series") throws {
        for index in indices { try folder.write(try file(index), to: "\(name)/IM\(index + 1)") }
    }

    func element(_ group: UInt16, _ number: UInt16, _ vr: DICOMVR, _ values: String...) -> DICOMElement {
        DICOMElement(tag: DICOMTag(group, number), vr: vr, value: .strings(values))
    }
}
