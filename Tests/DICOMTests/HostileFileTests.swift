import Imaging
import Testing

@testable import DICOM

/// Files that would crash or exhaust a trusting reader.
@Suite struct HostileFileTests {
    private static let sequence = DICOMTag(0x0040, 0xA730)

    private func code(_ bytes: [UInt8], stopBeforePixels: Bool = false, fileByteCount: Int? = nil) -> DICOMError.Code? {
        do {
            _ = try DICOMFile(bytes: bytes, stopBeforePixels: stopBeforePixels, fileByteCount: fileByteCount)
            return nil
        } catch {
            return error.code
        }
    }

    private func nested(_ depth: Int, explicit: Bool) -> [UInt8] {
        var raw = RawDataSet()
        if explicit { raw.explicit(.modality, .CS, "SR") } else { raw.implicit(.modality, [UInt8]("SR".utf8)) }
        for _ in 0..<depth {
            if explicit {
                raw.explicit(Self.sequence, .SQ, [], length: .max)
            } else {
                raw.implicit(Self.sequence, length: .max)
            }
            raw.implicit(.item, length: .max)
        }
        for _ in 0..<depth {
            raw.implicit(.itemDelimitation)
            raw.implicit(.sequenceDelimitation)
        }
        return RawDataSet.file(syntax: explicit ? .explicitLittleEndian : .implicitLittleEndian, dataSet: raw.bytes)
    }

    private func warnings(_ bytes: [UInt8]) throws -> [DICOMWarning.Code] {
        try DICOMFile(bytes: bytes).warnings.map(\.code)
    }

    /// DCMTK 3.6.7 overflows its stack on these.
    @Test(arguments: [true, false])
    func `sequences nested beyond 64 levels are left out and what follows them is read`(explicit: Bool) throws {
        var rest = RawDataSet()
        if explicit { rest.explicit(Self.rest, .CS, "rest") } else { rest.implicit(Self.rest, [UInt8]("rest".utf8)) }
        #expect(try warnings(nested(64, explicit: explicit)) == [])
        for depth in [65, 100_000] {
            let file = try DICOMFile(bytes: nested(depth, explicit: explicit) + rest.bytes)
            #expect(file.warnings == [DICOMWarning(.nestingTooDeep, path: Self.path(toLevel: 65))])
            #expect(file.header.string(Self.rest) == "rest")
            #expect(file.header.json.utf8.count < 10_000)
        }
    }

    private static let rest = DICOMTag(0x0040, 0xDB00)

    /// The path of the sequence at this level, counted from 1.
    private static func path(toLevel level: Int) -> String {
        String(repeating: sequence.hexadecimal + "[0].", count: level - 1) + sequence.hexadecimal
    }

    /// PS3.5 6.2.2: a UN value of undefined length holds implicit little-endian items.
    @Test func `sequences nested inside UN are counted too`() throws {
        var raw = RawDataSet()
        raw.explicit(.modality, .CS, "SR")
        raw.explicit(Self.sequence, .UN, [], length: .max)
        for _ in 0..<200 {
            raw.implicit(.item, length: .max)
            raw.implicit(Self.sequence, length: .max)
        }
        let found = try warnings(RawDataSet.file(syntax: .explicitLittleEndian, dataSet: raw.bytes))
        #expect(found == [.truncated, .nestingTooDeep])
    }

    @Test func `sequences of defined length are counted too`() throws {
        var value: [UInt8] = []
        for _ in 0..<100 {
            var item = RawDataSet()
            item.implicit(.item, value)
            var outer = RawDataSet()
            outer.implicit(Self.sequence, item.bytes)
            value = outer.bytes
        }
        var raw = RawDataSet()
        raw.implicit(.modality, [UInt8]("SR".utf8))
        let file = RawDataSet.file(syntax: .implicitLittleEndian, dataSet: raw.bytes + value)
        #expect(try warnings(file) == [.nestingTooDeep])
    }

    @Test func `a length of two gigabytes in a small file is a truncation`() throws {
        var raw = RawDataSet()
        raw.explicit(.modality, .CS, "CT")
        raw.explicit(DICOMTag(0x0029, 0x1010), .OB, [1, 2, 3, 4], length: 0x7FFF_FFFF)
        let file = try DICOMFile(bytes: RawDataSet.file(syntax: .explicitLittleEndian, dataSet: raw.bytes))
        #expect(file.header.modality == "CT")
        #expect(file.warnings == [DICOMWarning(.truncated, path: "00291010")])
    }

    @Test func `a prefix does not ask for bytes that the file cannot have`() throws {
        var raw = RawDataSet()
        raw.explicit(.modality, .CS, "CT")
        raw.explicit(DICOMTag(0x0029, 0x1010), .OB, [1, 2, 3, 4], length: 0x7FFF_FFFF)
        let bytes = RawDataSet.file(syntax: .explicitLittleEndian, dataSet: raw.bytes)
        let file = try DICOMFile(bytes: bytes, stopBeforePixels: true, fileByteCount: bytes.count + 100)
        #expect(file.warnings.map { $0.code } == [.truncated])
    }

    /// 65535 × 65535 × 2 bytes are announced and eight are there: refused before anything is allocated.
    @Test func `a huge image in a small file is refused by arithmetic`() throws {
        var raw = RawDataSet()
        raw.explicitImage(rows: 65535, columns: 65535, bits: 16)
        raw.explicit(.numberOfFrames, .IS, "2147483647")
        raw.explicit(.pixelData, .OW, [UInt8](repeating: 0, count: 8))
        let file = try DICOMFile(bytes: RawDataSet.file(syntax: .explicitLittleEndian, dataSet: raw.bytes))
        for frame in [0, 2_147_483_646] {
            #expect { try file.frame(frame) } throws: { ($0 as? DICOMError)?.code == .pixelDataTruncated }
        }
    }

    @Test(arguments: [[], [UInt8](repeating: 0, count: 500), [UInt8]("hello, this is a text file".utf8)])
    func `bytes that are no DICOM file are named so`(bytes: [UInt8]) {
        #expect(code(bytes) == (bytes.isEmpty ? .empty : .notDICOM))
    }

    /// Every prefix of a valid file is read or refused by name, and never more than it holds.
    @Test func `a file cut anywhere is read or refused`() throws {
        var raw = RawDataSet()
        raw.explicit(.modality, .CS, "CT")
        raw.explicit(Self.sequence, .SQ, [], length: .max)
        raw.implicit(.item, length: .max)
        raw.explicit(.patientID, .LO, "P1")
        raw.implicit(.itemDelimitation)
        raw.implicit(.sequenceDelimitation)
        raw.explicitImage(rows: 2, columns: 2, bits: 16)
        raw.explicit(.pixelData, .OW, [1, 0, 2, 0, 3, 0, 4, 0])
        let whole = RawDataSet.file(syntax: .explicitLittleEndian, dataSet: raw.bytes)
        for count in 0..<whole.count {
            let cut = Array(whole[..<count])
            if let file = try? DICOMFile(bytes: cut) {
                #expect(throws: DICOMError.self) { try file.frame(0) }
            }
            let wanted = code(cut, stopBeforePixels: true, fileByteCount: whole.count)
            #expect([nil, .empty, .notDICOM, .needsMoreBytes].contains(wanted))
        }
        #expect(try DICOMFile(bytes: whole).frame(0).bytes == [1, 0, 2, 0, 3, 0, 4, 0])
    }

    /// Each byte of a small file is replaced by four others: nothing crashes, whatever comes out.
    @Test func `a damaged byte anywhere never crashes the reader`() throws {
        var raw = RawDataSet()
        raw.explicit(.specificCharacterSet, .CS, "ISO 2022 IR 87")
        raw.explicit(.modality, .CS, "CT")
        raw.explicit(Self.sequence, .SQ, [], length: .max)
        raw.implicit(.item, length: .max)
        raw.explicit(.patientID, .LO, "\u{1B}$B;3ED\u{1B}(B")
        raw.implicit(.itemDelimitation)
        raw.implicit(.sequenceDelimitation)
        raw.explicitImage(rows: 2, columns: 2, bits: 16)
        raw.explicit(.pixelData, .OW, [1, 0, 2, 0, 3, 0, 4, 0])
        let whole = RawDataSet.file(syntax: .explicitLittleEndian, dataSet: raw.bytes)
        for index in 132..<whole.count {
            for value: UInt8 in [0, 0x7F, 0xFF, whole[index] ^ 1] {
                var damaged = whole
                damaged[index] = value
                guard let file = try? DICOMFile(bytes: damaged) else { continue }
                _ = file.header.json
                _ = try? file.frame(0)
            }
        }
    }
}
