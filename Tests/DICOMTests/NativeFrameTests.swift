import Imaging
import Testing

@testable import DICOM

/// Sample layouts of PS3.5 section 8 and PS3.3 C.7.6.3, with hand-built bytes.
@Suite struct NativeFrameTests {
    private func file(
        _ dataSet: RawDataSet, syntax: DICOMTransferSyntax = .explicitLittleEndian
    ) throws -> DICOMFile {
        try DICOMFile(bytes: RawDataSet.file(syntax: syntax, dataSet: dataSet.bytes))
    }

    /// PS3.5 8.1.1: bits are packed from the least significant on, and frames follow without padding.
    ///
    /// `numpy.unpackbits([0b10110101, 0b01], bitorder="little")` gives 1 0 1 0 1 1 0 1 1 0 …
    @Test func `one-bit frames are unpacked across byte boundaries`() throws {
        var raw = RawDataSet()
        raw.explicitImage(rows: 1, columns: 5, bits: 1)
        raw.explicit(.numberOfFrames, .IS, "2")
        raw.explicit(.pixelData, .OB, [0b1011_0101, 0b01])
        let file = try file(raw)
        #expect(try file.frame(0).bytes == [1, 0, 1, 0, 1])
        #expect(try file.frame(1).bytes == [1, 0, 1, 1, 0])
        #expect(file.warnings == [])
    }

    @Test func `samples under an unknown transfer syntax are read with a warning that says so`() throws {
        var raw = RawDataSet()
        raw.explicitImage(rows: 1, columns: 2, bits: 8)
        raw.explicit(.pixelData, .OB, [1, 2])
        let unknown = try file(raw, syntax: DICOMTransferSyntax(uid: "2.25.314159")).frameSource()
        #expect(try unknown.frame(0).bytes == [1, 2])
        #expect(unknown.warnings.map { $0.code } == [.unknownTransferSyntax])
        let compressed = try file(raw, syntax: DICOMTransferSyntax(uid: "1.2.840.10008.1.2.4.80")).frameSource()
        #expect(compressed.warnings.map { $0.code } == [.encapsulationMismatch])
    }

    @Test func `planes of colour are interleaved`() throws {
        var raw = RawDataSet()
        raw.explicit(.samplesPerPixel, .US, [3, 0])
        raw.explicit(.photometricInterpretation, .CS, "RGB")
        raw.explicit(.planarConfiguration, .US, [1, 0])
        raw.explicit(.rows, .US, [1, 0])
        raw.explicit(.columns, .US, [2, 0])
        raw.explicit(.bitsAllocated, .US, [8, 0])
        raw.explicit(.pixelData, .OB, [1, 2, 11, 12, 21, 22])
        let frame = try file(raw).frame(0)
        #expect(frame.bytes == [1, 11, 21, 2, 12, 22])
        #expect(frame.samplesPerPixel == 3)
    }

    /// PS3.3 C.7.6.3.1.2: Y1 Y2 Cb Cr. As pydicom's `pixel_array`: chrominance repeated, then RGB.
    @Test func `subsampled colours are repeated and become RGB`() throws {
        var raw = RawDataSet()
        raw.explicit(.samplesPerPixel, .US, [3, 0])
        raw.explicit(.photometricInterpretation, .CS, "YBR_FULL_422")
        raw.explicit(.rows, .US, [1, 0])
        raw.explicit(.columns, .US, [2, 0])
        raw.explicit(.bitsAllocated, .US, [8, 0])
        raw.explicit(.pixelData, .OB, [76, 77, 85, 255])
        let source = try file(raw).frameSource()
        #expect(try source.frame(0).bytes == [254, 0, 0, 255, 1, 1])
        #expect(source.photometricInterpretation == "RGB")
    }

    @Test func `the offset of the pixel data points at its first sample`() throws {
        var raw = RawDataSet()
        raw.explicitImage(rows: 1, columns: 2, bits: 16)
        raw.explicit(.numberOfFrames, .IS, "2")
        raw.explicit(.pixelData, .OW, [0xAA, 0xBB, 0xCC, 0xDD, 0x11, 0x22, 0x33, 0x44])
        let bytes = RawDataSet.file(syntax: .explicitLittleEndian, dataSet: raw.bytes)
        let file = try DICOMFile(bytes: bytes)
        let offset = try #require(file.pixelDataOffset)
        #expect(Array(bytes[offset..<offset + 4]) == [0xAA, 0xBB, 0xCC, 0xDD])
        #expect(file.frameOffset(1) == offset + 4)
    }

    @Test func `frames before a cut are read and the cut one is refused`() throws {
        var raw = RawDataSet()
        raw.explicitImage(rows: 1, columns: 2, bits: 16)
        raw.explicit(.numberOfFrames, .IS, "2")
        raw.explicit(.pixelData, .OW, [1, 0, 2, 0, 3, 0], length: 8)
        let file = try file(raw)
        #expect(file.warnings == [DICOMWarning(.pixelDataShort, path: "7FE00010")])
        #expect(try file.frame(0).bytes == [1, 0, 2, 0])
        #expect { try file.frame(1) } throws: { ($0 as? DICOMError)?.code == .pixelDataTruncated }
        #expect { try file.frame(2) } throws: { ($0 as? DICOMError)?.code == .frameOutOfRange }
    }

    @Test func `a fragment that is no code stream is refused`() throws {
        var raw = RawDataSet()
        raw.explicitImage(rows: 1, columns: 2, bits: 16)
        raw.explicit(.pixelData, .OB, [], length: .max)
        raw.implicit(.item)
        raw.implicit(.item, [1, 2, 3, 4])
        raw.implicit(.sequenceDelimitation)
        let file = try file(raw, syntax: DICOMTransferSyntax(uid: "1.2.840.10008.1.2.4.90"))
        #expect(file.pixelData?.fragments.map { $0.count } == [0, 4])
        #expect { try file.frame(0) } throws: { ($0 as? DICOMError)?.code == .damagedCodeStream }
    }

    /// PS3.3 C.7.6.3.1.1 and C.7.6.3.1.2: one or three; ARGB and CMYK, which had four, are retired.
    @Test(arguments: [2, 4] as [UInt8])
    func `two and four samples per pixel are refused by name`(samples: UInt8) throws {
        var raw = RawDataSet()
        raw.explicit(.samplesPerPixel, .US, [samples, 0])
        raw.explicit(.photometricInterpretation, .CS, samples == 4 ? "ARGB" : "MONOCHROME2")
        raw.explicit(.rows, .US, [1, 0])
        raw.explicit(.columns, .US, [2, 0])
        raw.explicit(.bitsAllocated, .US, [8, 0])
        raw.explicit(.pixelData, .OB, [UInt8](repeating: 1, count: 2 * Int(samples)))
        let file = try file(raw)
        #expect { try file.frame(0) } throws: { error in
            guard let error = error as? DICOMError else { return false }
            return error.code == .unsupportedPixelFormat && error.reason.contains("Samples per Pixel is \(samples)")
        }
    }

    @Test func `sixty-four allocated bits are refused by name`() throws {
        var raw = RawDataSet()
        raw.explicitImage(rows: 1, columns: 1, bits: 64)
        raw.explicit(.pixelData, .OW, [UInt8](repeating: 0, count: 8))
        let file = try file(raw)
        #expect { try file.frame(0) } throws: { ($0 as? DICOMError)?.code == .unsupportedPixelFormat }
    }
}
