import DICOM
import Imaging
import Testing

/// A file without pixels is an object only if it is whole and does not call itself an image.
@Suite("DICOMFile completeness")
struct CompletenessTests {
    private static let ctImage = "1.2.840.10008.5.1.4.1.1.2"
    /// Basic Text SR, PS3.4 annex B.5.
    private static let report = "1.2.840.10008.5.1.4.1.1.88.11"

    private func elements(sopClass: String) -> [DICOMElement] {
        func text(_ group: UInt16, _ number: UInt16, _ vr: DICOMVR, _ value: String) -> DICOMElement {
            DICOMElement(tag: DICOMTag(group, number), vr: vr, value: .strings([value]))
        }
        return [
            text(0x0008, 0x0016, .UI, sopClass), text(0x0008, 0x0018, .UI, "2.25.1"), text(0x0008, 0x0060, .CS, "CT"),
            text(0x0010, 0x0020, .LO, "1"), text(0x0020, 0x000D, .UI, "2.25.2"), text(0x0020, 0x000E, .UI, "2.25.3"),
        ]
    }

    @Test func `an image that is cut anywhere before its pixels is never taken for an object`() throws {
        let frame = try PixelBuffer(rows: 2, columns: 2, samplesPerPixel: 1, elements: [1, 2, 3, 4] as [Int16])
        let whole = try DICOMWriter().file(elements: elements(sopClass: Self.ctImage), frames: [frame])
        let start = try #require(try DICOMFile(bytes: whole).pixelDataOffset)
        for length in 1..<start {
            // Too short to be parsed at all is as good a refusal.
            guard let file = try? DICOMFile(bytes: Array(whole.prefix(length))) else { continue }
            #expect(file.hasPixels || file.incompleteness != nil, "cut after \(length) of \(start) bytes")
        }
        #expect(try DICOMFile(bytes: whole).incompleteness == nil)
    }

    @Test func `a whole report is an object`() throws {
        let bytes = try DICOMWriter().file(elements: elements(sopClass: Self.report))
        let file = try DICOMFile(bytes: bytes)
        #expect(!file.hasPixels)
        #expect(file.incompleteness == nil)
    }

    /// Its file meta information names it too; without a preamble, nothing says that it is an object at all.
    @Test func `a report without an instance UID is known by its file meta information`() throws {
        var bytes = try DICOMWriter().file(elements: elements(sopClass: Self.report))
        // (0008,0018) becomes (0008,0017), which no reader asks for.
        let tag: [UInt8] = [0x08, 0x00, 0x18, 0x00, UInt8(ascii: "U"), UInt8(ascii: "I")]
        let place = try #require(bytes.indices.first { bytes[$0...].starts(with: tag) })
        bytes[place + 2] = 0x17
        let file = try DICOMFile(bytes: bytes)
        #expect(file.incompleteness == nil)
        #expect(file.sopInstanceUID == "2.25.1")
        #expect(file.attributeWarnings == [DICOMWarning(.missingInstanceUID, path: "00080018")])
        let start = try #require(bytes.indices.first { bytes[$0...].starts(with: [8, 0, 0x16, 0]) })
        #expect(try DICOMFile(bytes: Array(bytes[start...])).incompleteness?.code == .malformed)
    }
}
