import Imaging
import Testing

@testable import DICOM

@Suite struct DICOMFileTests {
    private static let pixels: [UInt8] = [1, 0, 2, 0, 3, 0, 4, 0]

    private func dataSet() -> RawDataSet {
        var raw = RawDataSet()
        raw.explicit(.modality, .CS, "CT")
        raw.explicitImage(rows: 2, columns: 2, bits: 16)
        raw.explicit(.pixelData, .OW, Self.pixels)
        return raw
    }

    private func read(_ raw: RawDataSet, _ syntax: DICOMTransferSyntax = .explicitLittleEndian) throws -> DICOMFile {
        try DICOMFile(bytes: RawDataSet.file(syntax: syntax, dataSet: raw.bytes))
    }

    @Test func `a data set without preamble and meta information is read`() throws {
        let file = try DICOMFile(bytes: dataSet().bytes)
        #expect(file.warnings.map { $0.code } == [.noPreamble, .noTransferSyntax])
        #expect(try file.frame(0).bytes == Self.pixels)
    }

    @Test func `a data set that is not encoded as declared is read as it is`() throws {
        let file = try read(dataSet(), .implicitLittleEndian)
        #expect(file.warnings == [DICOMWarning(.encodingMismatch)])
        #expect(file.header.rows == 2)
    }

    @Test func `a prefix gives the header or says how much more it needs`() throws {
        var raw = RawDataSet()
        raw.explicit(.modality, .CS, "CT")
        raw.explicit(DICOMTag(0x0029, 0x1010), .OB, [UInt8](repeating: 7, count: 4000))
        raw.explicitImage(rows: 2, columns: 2, bits: 16)
        raw.explicit(.pixelData, .OW, Self.pixels)
        let whole = RawDataSet.file(syntax: .explicitLittleEndian, dataSet: raw.bytes)
        #expect {
            try DICOMFile(bytes: Array(whole[..<1000]), stopBeforePixels: true, fileByteCount: whole.count)
        } throws: { error in
            guard let error = error as? DICOMError, let needed = error.neededByteCount else { return false }
            return error.code == .needsMoreBytes && needed > 1000 && needed <= whole.count
        }
        let prefix = Array(whole[..<(whole.count - 4)])
        let head = try DICOMFile(bytes: prefix, stopBeforePixels: true, fileByteCount: whole.count)
        let full = try DICOMFile(bytes: whole)
        #expect(head.header == full.header)
        #expect(head.pixelDataOffset == full.pixelDataOffset)
        #expect(head.frameCount == 1)
        #expect { try head.frame(0) } throws: { ($0 as? DICOMError)?.code == .pixelsNotRead }
    }

    @Test func `a selection gives the attributes asked for and where the pixels are`() throws {
        var raw = RawDataSet()
        raw.explicit(.modality, .CS, "CT")
        raw.explicit(DICOMTag(0x0008, 0x1140), .SQ, [])
        raw.explicit(DICOMTag(0x0029, 0x1010), .OB, [UInt8](repeating: 7, count: 400))
        raw.explicitImage(rows: 2, columns: 2, bits: 16)
        raw.explicit(.pixelData, .OW, Self.pixels)
        let bytes = RawDataSet.file(syntax: .explicitLittleEndian, dataSet: raw.bytes)
        let full = try DICOMFile(bytes: bytes)
        let part = try DICOMFile(bytes: bytes, stopBeforePixels: true, selection: [.modality, .rows])
        #expect(part.header.elements == [full.header[.modality], full.header[.rows]])
        #expect(part.pixelDataOffset == full.pixelDataOffset)
        let none = try DICOMFile(bytes: bytes, selection: [])
        #expect(none.header.isEmpty && none.hasPixels)
    }

    @Test func `zeros behind the data set are reported and ignored`() throws {
        var raw = dataSet()
        raw.implicit(DICOMTag(0, 0), [UInt8](repeating: 0, count: 40), length: 0)
        let file = try read(raw)
        #expect(file.warnings == [DICOMWarning(.trailingBytes)])
        #expect(try file.frame(0).bytes == Self.pixels)
    }

    @Test func `a sequence that contradicts its length is left out and the rest is read`() throws {
        var raw = RawDataSet()
        raw.explicit(.modality, .CS, "CT")
        raw.explicit(DICOMTag(0x0008, 0x1140), .SQ, [9, 9, 9, 9, 9, 9, 9, 9, 9, 9])
        raw.explicit(.patientID, .LO, "P1")
        let file = try read(raw)
        #expect(file.warnings == [DICOMWarning(.malformedSequence, path: "00081140")])
        #expect(file.header.patientID == "P1")
    }

    /// PS3.5 7.1.2: a value representation of a later edition has a 32-bit length.
    @Test func `an element of an unknown value representation is read by the dictionary`() throws {
        let modality: [UInt8] = [8, 0, 0x60, 0, 0x58, 0x58, 2, 0, 0x43, 0x54]
        let longForm = modality + [0x29, 0, 0x10, 0x10, 0x5A, 0x5A, 0, 0, 4, 0, 0, 0, 1, 2, 3, 4]
        let both = longForm + [0x29, 0, 0x11, 0x10, 0x5A, 0x5A, 2, 0, 1, 2]
        var rest = RawDataSet()
        rest.explicitImage(rows: 2, columns: 2, bits: 16)
        let file = try DICOMFile(
            bytes: RawDataSet.file(syntax: .explicitLittleEndian, dataSet: both + rest.bytes))
        #expect(file.warnings.map { $0.path } == ["00080060", "00291010", "00291011"])
        #expect(file.warnings.allSatisfy { $0.code == .unknownVR })
        #expect(file.header[DICOMTag(0x0029, 0x1010)]?.value == .bytes([1, 2, 3, 4]))
        #expect(file.header.modality == "CT")
        #expect(file.header.rows == 2)
    }

    @Test func `identifiers that are no UIDs and odd lengths are kept`() throws {
        var raw = RawDataSet()
        raw.explicit(.sopInstanceUID, .UI, [UInt8]("ID_000039fa0".utf8))
        raw.explicit(.studyInstanceUID, .UI, [UInt8]("ID_abc".utf8) + [0])
        raw.explicit(.modality, .CS, "CT")
        let file = try read(raw)
        #expect(file.header.sopInstanceUID == "ID_000039fa0")
        #expect(file.header.studyInstanceUID == "ID_abc")
        #expect(file.header.sopClassUID == nil)
    }

    @Test func `a NUL inside a text becomes a replacement character`() throws {
        var raw = RawDataSet()
        raw.explicit(.patientID, .LO, [0x41, 0, 0x42, 0])
        let file = try read(raw)
        #expect(file.header.patientID == "A\u{FFFD}B")
        #expect(file.warnings == [DICOMWarning(.interiorNUL, path: "00100020")])
    }

    /// PS3.3 F.3.2.2.
    @Test func `a directory is recognised`() throws {
        var raw = RawDataSet()
        raw.explicit(DICOMTag(0x0004, 0x1130), .CS, "MEDIA")
        raw.explicit(.directoryRecordSequence, .SQ, [])
        #expect(try read(raw).isDICOMDIR)
        #expect(try !read(dataSet()).isDICOMDIR)
    }

    @Test func `messages never quote a value`() throws {
        var raw = RawDataSet()
        raw.explicit(.patientName, .PN, "CANARY^PATIENT")
        raw.explicit(.patientID, .LO, [0x43, 0x41, 0x4E, 0, 0x41, 0x52, 0x59, 0x31], length: 0x4000)
        let file = try read(raw)
        #expect(!file.warnings.isEmpty)
        #expect(!file.warnings.map { $0.description }.joined().contains("CAN"))
        #expect { try file.frame(0) } throws: { !"\($0)".contains("CAN") }
    }
}
