import Imaging
import Testing

@testable import DICOM

/// What real writers do against the standard is read as they meant it, with a warning that says so.
@Suite struct LenientReadingTests {
    private static let sequence = DICOMTag(0x0008, 0x1140)
    private static let inner = DICOMTag(0x0008, 0x1155)
    private static let undefined = UInt32.max

    /// A data set with something odd between two attributes; the image behind it must come out whole.
    private func read(
        _ syntax: DICOMTransferSyntax = .explicitLittleEndian, _ odd: (inout RawDataSet) -> Void
    ) throws -> DICOMFile {
        var raw = RawDataSet()
        raw.explicit(.modality, .CS, "CT")
        odd(&raw)
        raw.explicit(.patientID, .LO, "P1")
        raw.explicitImage(rows: 1, columns: 2, bits: 16)
        raw.explicit(.pixelData, .OW, [1, 0, 2, 0])
        let file = try DICOMFile(bytes: RawDataSet.file(syntax: syntax, dataSet: raw.bytes))
        #expect(file.header.modality == "CT")
        #expect(file.header.patientID == "P1")
        #expect(try file.frame(0).bytes == [1, 0, 2, 0])
        return file
    }

    private func codes(_ file: DICOMFile) -> [DICOMWarning.Code] { file.warnings.map(\.code) }

    private func values(_ file: DICOMFile) -> [String?] {
        file.header.items(Self.sequence).map { $0.string(Self.inner) }
    }

    @Test func `a sequence delimiter in the place of an item's is taken for it where items follow`() throws {
        let file = try read { raw in
            raw.explicit(Self.sequence, .SQ, [], length: Self.undefined)
            for uid in ["1.2", "1.3"] {
                raw.implicit(.item, length: Self.undefined)
                raw.explicit(Self.inner, .UI, uid)
                raw.implicit(.sequenceDelimitation)
            }
            raw.implicit(.sequenceDelimitation)
        }
        #expect(codes(file) == [.wrongDelimiter, .wrongDelimiter])
        #expect(values(file) == ["1.2", "1.3"])
    }

    @Test func `a sequence delimiter that ends an item and its sequence ends both`() throws {
        let file = try read { raw in
            raw.explicit(Self.sequence, .SQ, [], length: Self.undefined)
            raw.implicit(.item, length: Self.undefined)
            raw.explicit(Self.inner, .UI, "1.2")
            raw.implicit(.sequenceDelimitation)
        }
        #expect(codes(file) == [.wrongDelimiter])
        #expect(values(file) == ["1.2"])
    }

    @Test func `an item delimiter that ends a sequence is taken for its own`() throws {
        let file = try read { raw in
            raw.explicit(Self.sequence, .SQ, [], length: Self.undefined)
            raw.implicit(.item, length: Self.undefined)
            raw.explicit(Self.inner, .UI, "1.2")
            raw.implicit(.itemDelimitation)
            raw.implicit(.itemDelimitation)
        }
        #expect(codes(file) == [.wrongDelimiter])
        #expect(values(file) == ["1.2"])
    }

    @Test func `an item without a delimiter ends where the next begins`() throws {
        let file = try read { raw in
            raw.explicit(Self.sequence, .SQ, [], length: Self.undefined)
            for uid in ["1.2", "1.3"] {
                raw.implicit(.item, length: Self.undefined)
                raw.explicit(Self.inner, .UI, uid)
            }
            raw.implicit(.itemDelimitation)
            raw.implicit(.sequenceDelimitation)
        }
        #expect(codes(file) == [.wrongDelimiter])
        #expect(values(file) == ["1.2", "1.3"])
    }

    @Test func `an item of undefined length ends with a sequence of defined length`() throws {
        let file = try read { raw in
            var item = RawDataSet()
            item.implicit(.item, length: Self.undefined)
            item.explicit(Self.inner, .UI, "1.2")
            raw.explicit(Self.sequence, .SQ, item.bytes)
        }
        #expect(codes(file) == [.wrongDelimiter])
        #expect(values(file) == ["1.2"])
    }

    @Test func `delimiters behind containers of defined length are skipped`() throws {
        let file = try read { raw in
            var item = RawDataSet()
            item.explicit(Self.inner, .UI, "1.2")
            item.implicit(.itemDelimitation)
            var value = RawDataSet()
            value.implicit(.item, item.bytes)
            value.implicit(.sequenceDelimitation)
            raw.explicit(Self.sequence, .SQ, value.bytes)
        }
        #expect(codes(file) == [.strayDelimiter, .strayDelimiter])
        #expect(values(file) == ["1.2"])
    }

    @Test func `a broken sequence inside an item is left out alone`() throws {
        let file = try read { raw in
            var item = RawDataSet()
            item.explicit(Self.inner, .UI, "1.2")
            item.explicit(DICOMTag(0x0040, 0xA170), .SQ, [UInt8](repeating: 9, count: 20))
            item.explicit(DICOMTag(0x0040, 0xA171), .UI, "1.4")
            var value = RawDataSet()
            value.implicit(.item, item.bytes)
            raw.explicit(Self.sequence, .SQ, value.bytes)
        }
        #expect(codes(file) == [.malformedSequence])
        #expect(values(file) == ["1.2"])
        #expect(file.header.items(Self.sequence)[0].string(DICOMTag(0x0040, 0xA171)) == "1.4")
    }

    /// pydicom reads such elements so: neither letter of the value representation is one.
    @Test func `an implicit element among explicit ones is read`() throws {
        let file = try read { $0.implicit(.manufacturer, [UInt8]("ACME".utf8)) }
        #expect(codes(file) == [.mixedEncoding])
        #expect(file.header.manufacturer == "ACME")
    }

    @Test func `an explicit element among implicit ones is read`() throws {
        var raw = RawDataSet()
        raw.implicit(.modality, [UInt8]("CT".utf8))
        raw.explicit(.manufacturer, .LO, "ACME")
        raw.implicit(.patientID, [UInt8]("P1".utf8))
        let file = try DICOMFile(bytes: RawDataSet.file(syntax: .implicitLittleEndian, dataSet: raw.bytes))
        #expect(codes(file) == [.mixedEncoding])
        #expect(file.header.manufacturer == "ACME")
        #expect(file.header.patientID == "P1")
    }

    @Test func `a data set that is encoded otherwise than it says is read`() throws {
        let file = try read(.implicitLittleEndian) { _ in }
        #expect(codes(file) == [.encodingMismatch])
    }

    @Test func `a data set that is called deflated and is not is read`() throws {
        let file = try read(.deflatedExplicitLittleEndian) { _ in }
        #expect(codes(file) == [.encodingMismatch])
    }

    /// PS3.5 6.2.2 wants implicit items there; some writers leave them explicit.
    @Test(arguments: [true, false])
    func `items inside UN are read in the encoding that they have`(explicit: Bool) throws {
        let file = try read { raw in
            raw.explicit(Self.sequence, .UN, [], length: Self.undefined)
            raw.implicit(.item, length: Self.undefined)
            if explicit {
                raw.explicit(Self.inner, .UI, "1.2")
            } else {
                raw.implicit(Self.inner, [UInt8]("1.2\0".utf8))
            }
            raw.implicit(.itemDelimitation)
            raw.implicit(.sequenceDelimitation)
        }
        #expect(codes(file) == [])
        #expect(values(file) == ["1.2"])
    }

    @Test func `a known attribute that was sent as UN is read by the dictionary`() throws {
        let file = try read { $0.explicit(.manufacturer, .UN, [UInt8]("ACME".utf8)) }
        #expect(file.header[.manufacturer] == DICOMElement(tag: .manufacturer, vr: .LO, value: .strings(["ACME"])))
    }

    /// (0019,xx10) of creator 1.2.840.113681 is ST in DCMTK's private dictionary; another block of the group is not its.
    @Test func `a private attribute in implicit VR is read by its creator`() throws {
        var raw = RawDataSet()
        raw.implicit(.modality, [UInt8]("CR".utf8))
        raw.implicit(DICOMTag(0x0019, 0x0011), [UInt8]("1.2.840.113681".utf8))
        raw.implicit(DICOMTag(0x0019, 0x1110), [UInt8]("text".utf8))
        raw.implicit(DICOMTag(0x0019, 0x1210), [UInt8]("text".utf8))
        let file = try DICOMFile(bytes: RawDataSet.file(syntax: .implicitLittleEndian, dataSet: raw.bytes))
        let (own, other) = (DICOMTag(0x0019, 0x1110), DICOMTag(0x0019, 0x1210))
        #expect(file.header[own] == DICOMElement(tag: own, vr: .ST, value: .strings(["text"])))
        #expect(file.header[other] == DICOMElement(tag: other, vr: .UN, value: .bytes([UInt8]("text".utf8))))
    }

    @Test func `a sequence that is longer than its file keeps the items that are there`() throws {
        var raw = RawDataSet()
        raw.explicit(.modality, .CS, "SR")
        var item = RawDataSet()
        item.explicit(Self.inner, .UI, "1.2")
        var value = RawDataSet()
        value.implicit(.item, item.bytes)
        raw.explicit(Self.sequence, .SQ, value.bytes, length: 9_999)
        let bytes = RawDataSet.file(syntax: .explicitLittleEndian, dataSet: raw.bytes)
        let file = try DICOMFile(bytes: bytes)
        #expect(codes(file) == [.overlongSequence])
        #expect(values(file) == ["1.2"])
        let cut = try DICOMFile(bytes: Array(bytes.dropLast(2)))
        #expect(Set(codes(cut)) == [.overlongSequence, .truncated])
        #expect(values(cut) == [])
    }

    @Test func `odd lengths are read and reported`() throws {
        let file = try read { $0.explicit(.manufacturer, .LO, [UInt8]("ACM".utf8)) }
        #expect(file.warnings == [DICOMWarning(.oddLength, path: "00080070")])
        #expect(file.header.manufacturer == "ACM")
    }

    @Test func `what is missing or ill-formed about identity and place is reported`() throws {
        var raw = RawDataSet()
        raw.explicit(.sopInstanceUID, .UI, "ID_000039fa0")
        raw.explicit(.studyInstanceUID, .UI, "1.2.840")
        raw.explicit(.instanceNumber, .IS, "one ")
        raw.explicit(.imagePositionPatient, .DS, "0\\0\\")
        let file = try DICOMFile(bytes: RawDataSet.file(syntax: .explicitLittleEndian, dataSet: raw.bytes))
        #expect(
            file.attributeWarnings == [
                DICOMWarning(.missingSOPClass, path: "00080016"), DICOMWarning(.invalidUID, path: "00080018"),
                DICOMWarning(.unreadableNumber, path: "00200013"), DICOMWarning(.unreadableNumber, path: "00200032"),
            ])
        #expect(file.sopInstanceUID == "ID_000039fa0")
        #expect(file.header.instanceNumber == nil)
    }

    @Test func `a rescale that is no number, or of slope 0, is reported as such`() throws {
        var raw = RawDataSet()
        raw.explicit(.rescaleIntercept, .DS, "none")
        raw.explicit(.rescaleSlope, .DS, "0")
        let file = try DICOMFile(bytes: RawDataSet.file(syntax: .explicitLittleEndian, dataSet: raw.bytes))
        #expect(
            file.attributeWarnings.filter { $0.code == .unusableRescale } == [
                DICOMWarning(.unusableRescale, path: "00281052"), DICOMWarning(.unusableRescale, path: "00281053"),
            ])
        #expect(!file.attributeWarnings.contains { $0.code == .unreadableNumber })
    }

    /// PS3.3 table C.7-11c has these of type 1. Of a one-bit mask and of float pixels no sign is asked.
    @Test func `attributes of the pixels that are missing or impossible are reported`() throws {
        func codes(_ write: (inout RawDataSet) -> Void, pixels: DICOMTag = .pixelData) throws -> [DICOMWarning.Code] {
            var raw = RawDataSet()
            write(&raw)
            raw.explicit(pixels, pixels == .pixelData ? .OW : .OF, [0, 0, 0, 0])
            let bytes = RawDataSet.file(syntax: .explicitLittleEndian, dataSet: raw.bytes)
            return try DICOMFile(bytes: bytes).pixelAttributeWarnings.map(\.code)
        }
        func size(_ raw: inout RawDataSet, bits: UInt8) {
            raw.explicit(.rows, .US, [1, 0])
            raw.explicit(.columns, .US, [1, 0])
            raw.explicit(.bitsAllocated, .US, [bits, 0])
        }
        let always: [DICOMWarning.Code] = [.missingSamplesPerPixel, .missingPhotometricInterpretation]
        let integers = try codes { raw in size(&raw, bits: 16) }
        #expect(integers == always + [.unusableBitsStored, .missingPixelRepresentation])
        let mask = try codes { raw in size(&raw, bits: 1) }
        #expect(mask == always)
        let floats = try codes({ raw in size(&raw, bits: 32) }, pixels: .floatPixelData)
        #expect(floats == always)
        for (bitsStored, isSound) in [(0, false), (1, true), (16, true), (20, false)] as [(UInt8, Bool)] {
            let found = try codes { raw in
                raw.explicit(.samplesPerPixel, .US, [1, 0])
                raw.explicit(.photometricInterpretation, .CS, "MONOCHROME2")
                size(&raw, bits: 16)
                raw.explicit(.bitsStored, .US, [bitsStored, 0])
                raw.explicit(.pixelRepresentation, .US, [1, 0])
            }
            #expect(found == (isSound ? [] : [.unusableBitsStored]))
        }
    }

    @Test func `every warning has a sentence of its own`() {
        let sentences = DICOMWarning.Code.allCases.map(\.sentence)
        #expect(Set(sentences).count == sentences.count)
        #expect(sentences.allSatisfy { $0.hasSuffix(".") && !$0.contains("\\(") })
    }
}
