import Imaging
import Testing

@testable import DICOM

/// Words, signs, unused bits and colours; expected values by pydicom 3.0.2, or by hand where it refuses.
@Suite struct FrameFinisherTests {
    private func file(_ syntax: String = "1.2.840.10008.1.2.1", _ body: (inout RawDataSet) -> Void) throws -> DICOMFile
    {
        var raw = RawDataSet()
        body(&raw)
        return try DICOMFile(bytes: RawDataSet.file(syntax: DICOMTransferSyntax(uid: syntax), dataSet: raw.bytes))
    }

    @Test func `bits above Bits Stored are no part of the value`() throws {
        for (sign, expected) in [(false, 0xFFF), (true, -1)] {
            let file = try file { raw in
                raw.explicitImage(rows: 1, columns: 1, bits: 16, isSigned: sign)
                raw.explicit(.bitsStored, .US, [12, 0])
                raw.explicit(.highBit, .US, [11, 0])
                raw.explicit(.pixelData, .OW, [0xFF, 0xAF])
            }
            #expect(try file.frame(0).doubles() == [Double(expected)])
        }
    }

    /// PS3.5 8.1.1 has High Bit = Bits Stored - 1; where it is not, no bit is thrown away.
    @Test func `an unusual High Bit leaves whole words and a warning`() throws {
        let source = try file { raw in
            raw.explicitImage(rows: 1, columns: 1, bits: 16)
            raw.explicit(.bitsStored, .US, [12, 0])
            raw.explicit(.highBit, .US, [15, 0])
            raw.explicit(.pixelData, .OW, [0xF0, 0xAF])
        }.frameSource()
        #expect(try source.frame(0).doubles() == [0xAFF0])
        #expect(source.warnings.map { $0.code } == [.unusualHighBit])
    }

    /// Two samples in three bytes, the first in the low bits.
    @Test func `packed samples of twelve bits are spread`() throws {
        for (sign, expected) in [(false, [0x321, 0xF54]), (true, [0x321, 0xF54 - 4096])] {
            let file = try file { raw in
                raw.explicitImage(rows: 1, columns: 2, bits: 12, isSigned: sign)
                raw.explicit(.bitsStored, .US, [12, 0])
                raw.explicit(.numberOfFrames, .IS, "2")
                raw.explicit(.pixelData, .OW, [0x21, 0x43, 0xF5, 0x21, 0x43, 0xF5])
            }
            for frame in 0..<2 { #expect(try file.frame(frame).doubles() == expected.map { Double($0) }) }
        }
    }

    @Test func `whole frames behind the announced ones are given with a warning`() throws {
        let source = try file { raw in
            raw.explicitImage(rows: 1, columns: 2, bits: 8)
            raw.explicit(.pixelData, .OB, [1, 2, 3, 4, 5, 6])
        }.frameSource()
        #expect(source.warnings.map { $0.code } == [.excessFrames])
        #expect(try (0..<source.frameCount).map { try source.frame($0).bytes } == [[1, 2], [3, 4], [5, 6]])
    }

    /// `pydicom.pixels.processing.convert_color_space(a, "YBR_FULL", "RGB")`.
    @Test func `YBR_FULL becomes RGB`() throws {
        var samples: [UInt8] = [76, 85, 255, 150, 44, 21, 29, 255, 107, 0, 0, 0, 255, 255, 255]
        SampleColor.turnIntoRGB(&samples)
        #expect(samples == [254, 0, 0, 0, 255, 1, 0, 0, 254, 0, 135, 0, 255, 121, 255])
    }

    @Test func `pixels of GE's private syntax are big-endian in a little-endian data set`() throws {
        var raw = RawDataSet()
        raw.implicit(.rows, [1, 0])
        raw.implicit(.columns, [2, 0])
        raw.implicit(.bitsAllocated, [16, 0])
        raw.implicit(.pixelData, [1, 2, 3, 4])
        let syntax = DICOMTransferSyntax(uid: "1.2.840.113619.5.2")
        let file = try DICOMFile(bytes: RawDataSet.file(syntax: syntax, dataSet: raw.bytes))
        #expect(try file.frame(0).doubles() == [0x102, 0x304])
    }

    @Test func `subsampled colours that are not subsampled are read whole`() throws {
        let source = try file { raw in
            raw.explicit(.samplesPerPixel, .US, [3, 0])
            raw.explicit(.photometricInterpretation, .CS, "YBR_FULL_422")
            raw.explicit(.rows, .US, [1, 0])
            raw.explicit(.columns, .US, [2, 0])
            raw.explicit(.bitsAllocated, .US, [8, 0])
            raw.explicit(.pixelData, .OB, [100, 128, 128, 50, 128, 128])
        }.frameSource()
        #expect(source.warnings.map { $0.code } == [.notSubsampled])
        #expect(try source.frame(0).bytes == [100, 100, 100, 50, 50, 50])
    }
}
