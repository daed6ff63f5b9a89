import Imaging
import Testing

@testable import DICOM

@Suite struct DICOMWriterTests {
    private static let syntaxes: [DICOMTransferSyntax] = [
        .implicitLittleEndian, .explicitLittleEndian, .explicitBigEndian, .deflatedExplicitLittleEndian,
    ]

    @Test(arguments: syntaxes)
    func `a slice comes back from every uncompressed syntax`(syntax: DICOMTransferSyntax) throws {
        let pixels = try PixelBuffer(rows: 2, columns: 3, elements: [Int16](arrayLiteral: -1, 0, 1, .min, .max, 300))
        let bytes = try DICOMWriter(transferSyntax: syntax).file(elements: SampleElements.slice(), frames: [pixels])
        let file = try DICOMFile(bytes: bytes)
        #expect(file.transferSyntaxUID == syntax.uid)
        #expect(file.warnings == [])
        #expect(file.header.patientID == "PHANTOM-1")
        #expect(try file.frame(0) == pixels)
    }

    @Test func `every sample type comes back, in one frame or several`() throws {
        let buffers: [PixelBuffer] = [
            try PixelBuffer(rows: 3, columns: 3, elements: [UInt8](0..<9)),
            try PixelBuffer(rows: 1, columns: 2, elements: [Int8](arrayLiteral: -128, 127)),
            try PixelBuffer(rows: 1, columns: 2, elements: [UInt16](arrayLiteral: 0, 65535)),
            try PixelBuffer(rows: 1, columns: 2, elements: [Int32](arrayLiteral: -5, 70000)),
            try PixelBuffer(rows: 1, columns: 2, elements: [UInt32](arrayLiteral: 5, .max)),
            try PixelBuffer(rows: 1, columns: 2, elements: [Float](arrayLiteral: -5.5, 7)),
            try PixelBuffer(rows: 1, columns: 2, elements: [1e300, -0.1]),
            try PixelBuffer(rows: 3, columns: 1, samplesPerPixel: 3, elements: [UInt8](0..<9)),
        ]
        for buffer in buffers {
            let bytes = try DICOMWriter().file(elements: SampleElements.slice(), frames: [buffer, buffer])
            let file = try DICOMFile(bytes: bytes)
            #expect(file.frameCount == 2)
            #expect(try file.frame(1) == buffer)
        }
    }

    /// PS3.10 7.1: preamble of 128 bytes, "DICM", then the file meta information.
    @Test func `a file begins with preamble and mark and names its object`() throws {
        let bytes = try DICOMWriter().file(elements: SampleElements.slice())
        #expect(Array(bytes[128..<132]) == [UInt8]("DICM".utf8))
        let file = try DICOMFile(bytes: bytes)
        #expect(file.fileMeta.string(.mediaStorageSOPClassUID) == "1.2.840.10008.5.1.4.1.1.2")
        #expect(file.fileMeta.string(.mediaStorageSOPInstanceUID) == "2.25.101")
        #expect(!file.hasPixels)
        #expect(file.frameCount == 0)
    }

    @Test func `every value representation comes back`() throws {
        let values: [DICOMElement] = [
            DICOMElement(tag: DICOMTag(0x0008, 0x0018), vr: .UI, value: .strings(["2.25.1"])),
            DICOMElement(tag: DICOMTag(0x0018, 0x9087), vr: .FD, value: .reals([1000.5])),
            DICOMElement(tag: DICOMTag(0x0020, 0x5000), vr: .AT, value: .tags([.modality, .rows])),
            DICOMElement(tag: DICOMTag(0x0028, 0x0106), vr: .SS, value: .signed([-7])),
            DICOMElement(tag: DICOMTag(0x0028, 0x0009), vr: .AT, value: .tags([DICOMTag(0x0018, 0x1063)])),
            DICOMElement(tag: DICOMTag(0x0029, 0x0010), vr: .LO, value: .strings(["MAKER"])),
            DICOMElement(tag: DICOMTag(0x0029, 0x1001), vr: .UL, value: .unsigned([4_000_000_000])),
            DICOMElement(tag: DICOMTag(0x0029, 0x1002), vr: .SL, value: .signed([-4, 5])),
            DICOMElement(tag: DICOMTag(0x0029, 0x1003), vr: .UV, value: .unsigned([.max])),
            DICOMElement(tag: DICOMTag(0x0029, 0x1004), vr: .SV, value: .signed([.min])),
            DICOMElement(tag: DICOMTag(0x0029, 0x1005), vr: .FL, value: .reals([0.5, -2])),
            DICOMElement(tag: DICOMTag(0x0029, 0x1006), vr: .OB, value: .bytes([1, 2, 3, 4])),
            DICOMElement(tag: DICOMTag(0x0029, 0x1007), vr: .OL, value: .bytes([1, 2, 3, 4])),
            DICOMElement(tag: DICOMTag(0x0029, 0x1008), vr: .UN, value: .bytes([1, 2])),
            DICOMElement(tag: DICOMTag(0x0029, 0x1009), vr: .UT, value: .strings(["back\\slash"])),
            DICOMElement(tag: DICOMTag(0x0029, 0x100A), vr: .OV, value: .bytes([1, 2, 3, 4, 5, 6, 7, 8])),
        ]
        for syntax in [DICOMTransferSyntax.explicitLittleEndian, .explicitBigEndian] {
            let bytes = try DICOMWriter(transferSyntax: syntax).file(elements: SampleElements.slice() + values)
            let header = try DICOMFile(bytes: bytes).header
            for element in values { #expect(header[element.tag] == element) }
        }
    }

    @Test func `text beyond ASCII is declared as UTF-8`() throws {
        let bytes = try DICOMWriter().file(
            elements: SampleElements.slice() + [try SampleElements.text("StudyDescription", "Schädel 頭")])
        let header = try DICOMFile(bytes: bytes).header
        #expect(header.string(.specificCharacterSet) == "ISO_IR 192")
        #expect(header.studyDescription == "Schädel 頭")
    }

    @Test func `a value that does not fit its representation is refused`() throws {
        let wrong = DICOMElement(tag: .rows, vr: .US, value: .strings(["512"]))
        let elements = try SampleElements.slice()
        #expect { try DICOMWriter().file(elements: elements + [wrong]) } throws: {
            ($0 as? DICOMError)?.code == .unwritable
        }
        #expect { try DICOMWriter().file(elements: [wrong]) } throws: { ($0 as? DICOMError)?.code == .unwritable }
    }
}
