import Imaging
import Testing

@testable import DICOM

/// Frames in fragments: codecs by their smallest code streams, and which fragment belongs to which frame (PS3.5 A.4).
@Suite struct EncapsulatedFrameTests {
    private func file(
        _ syntax: String, _ fragments: [[UInt8]], table: [UInt8] = [], _ header: (inout RawDataSet) -> Void
    ) throws -> DICOMFile {
        var raw = RawDataSet()
        header(&raw)
        raw.explicit(.pixelData, .OB, [], length: .max)
        raw.implicit(.item, table)
        for fragment in fragments { raw.implicit(.item, fragment + (fragment.count.isMultiple(of: 2) ? [] : [0])) }
        raw.implicit(.sequenceDelimitation)
        let syntax = DICOMTransferSyntax(uid: "1.2.840.10008.1.2." + syntax)
        return try DICOMFile(bytes: RawDataSet.file(syntax: syntax, dataSet: raw.bytes))
    }

    private func ramp(_ syntax: String, _ stream: [UInt8], bitsStored: UInt8 = 12, isSigned: Bool = false) throws
        -> DICOMFile
    {
        try file(syntax, [stream]) { raw in
            raw.explicitImage(rows: 4, columns: 5, bits: 16, isSigned: isSigned)
            raw.explicit(.bitsStored, .US, [bitsStored, 0])
        }
    }

    private func words(_ buffer: PixelBuffer) -> [Double] { buffer.doubles() }

    @Test(arguments: [
        ("4.80", SampleCodeStreams.jpegLS), ("4.81", SampleCodeStreams.jpegLS),
        ("4.57", SampleCodeStreams.jpegLossless),
        ("4.70", SampleCodeStreams.jpegLossless), ("4.90", SampleCodeStreams.jpeg2000),
        ("4.91", SampleCodeStreams.jpeg2000), ("4.92", SampleCodeStreams.jpeg2000),
    ])
    func `lossless code streams give their pixels`(syntax: String, stream: [UInt8]) throws {
        let source = try ramp(syntax, stream).frameSource()
        #expect(source.warnings == [])
        #expect(words(try source.frame(0)) == SampleCodeStreams.ramp.map { Double($0) })
    }

    @Test(arguments: ["4.201", "4.202", "4.203"])
    func `high-throughput JPEG 2000 is decoded`(syntax: String) throws {
        let source = try ramp(syntax, SampleCodeStreams.highThroughput, bitsStored: 16).frameSource()
        #expect(words(try source.frame(0)) == SampleCodeStreams.ramp.map { Double($0) })
    }

    @Test func `twelve-bit JPEG is decoded`() throws {
        let file = try file("4.51", [SampleCodeStreams.extendedJPEG]) {
            $0.explicitImage(rows: 8, columns: 8, bits: 16)
        }
        #expect(words(try file.frame(0)).allSatisfy { abs($0 - 1000) <= 1 })
    }

    /// As pydicom: a JFIF segment overrules Photometric Interpretation, and YBR_FULL becomes RGB.
    @Test(arguments: ["YBR_FULL_422", "RGB"])
    func `colours of JPEG become RGB`(declared: String) throws {
        let source = try file("4.50", [SampleCodeStreams.colourJPEG]) { raw in
            raw.explicit(.samplesPerPixel, .US, [3, 0])
            raw.explicit(.photometricInterpretation, .CS, declared)
            raw.explicit(.rows, .US, [8, 0])
            raw.explicit(.columns, .US, [8, 0])
            raw.explicit(.bitsAllocated, .US, [8, 0])
        }.frameSource()
        let pixel = words(try source.frame(0)).prefix(3)
        #expect(zip(pixel, [200, 100, 50]).allSatisfy { abs($0 - $1) <= 1 })
        #expect(source.photometricInterpretation == "RGB")
        #expect(source.warnings.map { $0.code } == (declared == "RGB" ? [.colorMismatch] : []))
    }

    /// JPEG-LS has no sign: the sign bit is where its precision says (pydicom `_apply_sign_correction`).
    @Test func `signed pixels of JPEG-LS are extended from their precision`() throws {
        let expected = SampleCodeStreams.ramp.map { Double($0 > 2047 ? Int($0) - 4096 : Int($0)) }
        #expect(words(try ramp("4.80", SampleCodeStreams.jpegLS, isSigned: true).frame(0)) == expected)
    }

    @Test func `the sign of a JPEG 2000 code stream gives way to the header, with a warning`() throws {
        let source = try ramp("4.90", SampleCodeStreams.signedJPEG2000).frameSource()
        #expect(source.warnings.map { $0.code } == [.signMismatch])
        #expect(words(try source.frame(0)) == SampleCodeStreams.ramp.map { Double((Int($0) - 2000) & 0xFFF) })
        let signed = try ramp("4.90", SampleCodeStreams.signedJPEG2000, isSigned: true).frame(0)
        #expect(words(signed) == SampleCodeStreams.ramp.map { Double($0) - 2000 })
    }

    @Test func `a mislabelled code stream is read as what it is`() throws {
        let source = try ramp("4.80", SampleCodeStreams.jpeg2000).frameSource()
        #expect(source.warnings.map { $0.code } == [.codingMismatch])
        #expect(words(try source.frame(0)) == SampleCodeStreams.ramp.map { Double($0) })
        let native = try ramp("1", SampleCodeStreams.jpegLS).frameSource()
        #expect(native.warnings.map { $0.code } == [.encapsulationMismatch])
        let unknown = try ramp("4.199", SampleCodeStreams.jpegLS).frameSource()
        #expect(unknown.warnings.map { $0.code } == [.unknownTransferSyntax])
        #expect(words(try native.frame(0)) == SampleCodeStreams.ramp.map { Double($0) })
    }

    @Test(arguments: [
        SampleCodeStreams.jpegLS, SampleCodeStreams.jpegLossless, SampleCodeStreams.jpeg2000,
    ])
    func `a missing end marker and bytes behind it are forgiven, half a code stream is not`(stream: [UInt8]) throws {
        let ramp = SampleCodeStreams.ramp.map { Double($0) }
        if stream != SampleCodeStreams.jpegLS {
            #expect(words(try self.ramp("4.80", Array(stream.dropLast(2))).frame(0)) == ramp)
        }
        #expect(
            words(
                try self.ramp("4.80", stream + [0, 0, 0])
                    .frame(0)) == ramp)
        let half = try self.ramp("4.80", Array(stream.prefix(stream.count - 14)))
        #expect { try half.frame(0) } throws: { ($0 as? DICOMError)?.code == .damagedCodeStream }
    }

    /// `dcmdjpeg` warns of each: "Corrupt JPEG data: premature end of data segment".
    @Test func `a JPEG that ends before its last row is refused, with an end marker too`() throws {
        let endMarker: [UInt8] = [0xFF, 0xD9]
        let lossless = try ramp("4.70", SampleCodeStreams.jpegLossless.dropLast(14) + endMarker)
        let baseline = try file("4.50", [SampleCodeStreams.colourJPEG.dropLast(5) + endMarker]) { raw in
            raw.explicit(.samplesPerPixel, .US, [3, 0])
            raw.explicit(.photometricInterpretation, .CS, "YBR_FULL_422")
            raw.explicit(.rows, .US, [8, 0])
            raw.explicit(.columns, .US, [8, 0])
            raw.explicit(.bitsAllocated, .US, [8, 0])
        }
        // Eight rows by the frame header (B.2.2) and by the data set, and codes for four.
        var tall = SampleCodeStreams.jpegLossless
        tall[33] = 8
        let rows = try file("4.70", [tall]) { $0.explicitImage(rows: 8, columns: 5, bits: 16) }
        for file in [lossless, baseline, rows] {
            #expect { try file.frame(0) } throws: { ($0 as? DICOMError)?.code == .damagedCodeStream }
        }
    }

    /// 75 columns and 66 rows of 16 bits and three bytes of codes for them, as a cut leaves it: `libcharls.so.2.4.1` takes
    /// ten seconds for each of these.
    @Test(.timeLimit(.minutes(1))) func `a cut JPEG-LS is refused, and not counted through`() throws {
        let stream: [UInt8] =
            [0xFF, 0xD8, 0xFF, 0xF7, 0, 11, 16, 0, 66, 0, 75, 1, 1, 0x11, 0, 0xFF, 0xDA, 0, 8, 1, 1, 0, 0, 0, 0]
            + [0x10, 0, 0]
        let file = try file("4.80", [stream]) { $0.explicitImage(rows: 66, columns: 75, bits: 16) }
        for _ in 0..<12 {
            #expect { try file.frame(0) } throws: { ($0 as? DICOMError)?.code == .damagedCodeStream }
        }
    }

    @Test(arguments: [
        ("4.100", "MPEG2"), ("4.107", "HEVC"), ("4.94", "JPIP"), ("4.110", "JPEG XL"), ("4.112", "JPEG XL"),
    ])
    func `what is not decoded is refused by its name`(syntax: String, name: String) throws {
        let file = try ramp(syntax, [0, 0, 0, 1])
        #expect { try file.frame(0) } throws: { error in
            guard let error = error as? DICOMError else { return false }
            return error.code == .unsupportedTransferSyntax && error.reason.contains(name)
        }
    }

    // MARK: Fragments

    /// One pixel in one literal run: a header of one segment at byte 64 (PS3.5 annex G).
    private func pixel(_ value: UInt8) -> [UInt8] {
        [1, 0, 0, 0, 64] + [UInt8](repeating: 0, count: 59) + [0, value]
    }

    private func values(
        _ fragments: [[UInt8]], table: [UInt32] = [], frames: Int, extended: ([UInt8], [UInt8])? = nil
    ) throws -> (values: [UInt8], warnings: [DICOMWarning.Code]) {
        let table = table.flatMap { number in (0..<4).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) } }
        let source = try file("5", fragments, table: table) { raw in
            raw.explicitImage(rows: 1, columns: 1, bits: 8)
            raw.explicit(.numberOfFrames, .IS, "\(frames)")
            if let extended {
                raw.explicit(.extendedOffsetTable, .OV, extended.0)
                raw.explicit(.extendedOffsetTableLengths, .OV, extended.1)
            }
        }.frameSource()
        return (try (0..<source.frameCount).map { try source.frame($0).bytes[0] }, source.warnings.map { $0.code })
    }

    @Test func `fragments are frames when there are as many`() throws {
        let (values, warnings) = try values([pixel(7), pixel(8), pixel(9)], frames: 3)
        #expect(values == [7, 8, 9])
        #expect(warnings == [])
    }

    @Test func `a frame of several fragments is joined by the basic offset table`() throws {
        let halves = [Array(pixel(7).prefix(32)), Array(pixel(7).dropFirst(32))]
        let (values, warnings) = try values(halves + [pixel(8)], table: [0, 82], frames: 2)
        #expect(values == [7, 8])
        #expect(warnings == [])
    }

    @Test func `a table that points beside the fragments is passed over`() throws {
        let (values, warnings) = try values([pixel(7), pixel(8)], table: [0, 75], frames: 2)
        #expect(values == [7, 8])
        #expect(warnings == [.offsetTableIgnored])
    }

    @Test func `one frame is all fragments`() throws {
        let halves = [Array(pixel(7).prefix(32)), Array(pixel(7).dropFirst(32))]
        #expect(try values(halves, frames: 1).values == [7])
    }

    /// PS3.3 C.7.6.3.1.8: offsets as in the basic table, in 64 bits; lengths without padding.
    @Test func `an extended offset table is followed`() throws {
        func numbers(_ values: [UInt8]) -> [UInt8] { values.flatMap { [$0] + [UInt8](repeating: 0, count: 7) } }
        let sound = try values(
            [pixel(7), pixel(8)], frames: 2, extended: (numbers([0, 74]), numbers([66, 66])))
        #expect(sound.values == [7, 8])
        #expect(sound.warnings == [])
        let wrong = try values([pixel(7), pixel(8)], frames: 2, extended: (numbers([0, 70]), numbers([66, 66])))
        #expect(wrong.values == [7, 8])
        #expect(wrong.warnings == [.offsetTableIgnored])
    }

    @Test func `without a table frames begin where code streams begin`() throws {
        let stream = SampleCodeStreams.jpegLS
        let halves = [Array(stream.prefix(30)), Array(stream.dropFirst(30))]
        let file = try file("4.80", halves + halves) { raw in
            raw.explicitImage(rows: 4, columns: 5, bits: 16)
            raw.explicit(.numberOfFrames, .IS, "2")
        }
        for frame in 0..<2 { #expect(words(try file.frame(frame)) == SampleCodeStreams.ramp.map { Double($0) }) }
    }

    /// As where a table of offsets names them: whatever codes the frames, all are given.
    @Test(arguments: [1, 2])
    func `frames behind the announced ones are given without a table`(announced: Int) throws {
        let (values, warnings) = try values([pixel(7), pixel(8), pixel(9)], frames: announced)
        #expect(values == [7, 8, 9])
        #expect(warnings == [.excessFrames])
        for (syntax, stream) in [
            ("4.80", SampleCodeStreams.jpegLS), ("4.70", SampleCodeStreams.jpegLossless),
            ("4.90", SampleCodeStreams.jpeg2000),
        ] {
            let source = try file(syntax, [stream, stream, stream]) { raw in
                raw.explicitImage(rows: 4, columns: 5, bits: 16)
                raw.explicit(.bitsStored, .US, [12, 0])
                raw.explicit(.numberOfFrames, .IS, "\(announced)")
            }.frameSource()
            #expect(source.frameCount == 3)
            #expect(source.warnings.map { $0.code } == [.excessFrames])
            #expect(words(try source.frame(2)) == SampleCodeStreams.ramp.map { Double($0) })
        }
    }

    @Test func `missing frames are named and the others given`() throws {
        let file = try file("5", [pixel(7)]) { raw in
            raw.explicitImage(rows: 1, columns: 1, bits: 8)
            raw.explicit(.numberOfFrames, .IS, "2")
        }
        let source = try file.frameSource()
        #expect(source.warnings.map { $0.code } == [.missingFrames])
        #expect(try source.frame(0).bytes == [7])
        #expect { try source.frame(1) } throws: { ($0 as? DICOMError)?.code == .pixelDataTruncated }
    }

    // MARK: RLE and deflated frames

    /// PS3.5 annex G.3: bytes of 16-bit samples in two segments, the high ones first; a run, a literal, a no-op.
    @Test func `segments of RLE are the bytes of samples`() throws {
        let header: [UInt8] = [2, 0, 0, 0, 64, 0, 0, 0, 66, 0, 0, 0] + [UInt8](repeating: 0, count: 52)
        let stream = header + [254, 1] + [128, 2, 10, 20, 30]
        let file = try file("5", [stream]) { $0.explicitImage(rows: 1, columns: 3, bits: 16) }
        #expect(words(try file.frame(0)) == [266, 276, 286])
    }

    /// `zlib.compressobj(9, zlib.DEFLATED, -15)` of 1 0 2 0 3 0.
    @Test func `deflated frames are inflated`() throws {
        let file = try file("8.1", [[0x63, 0x64, 0x60, 0x62, 0x60, 0x66, 0x00, 0x00]]) {
            $0.explicitImage(rows: 1, columns: 3, bits: 16)
        }
        #expect(words(try file.frame(0)) == [1, 2, 3])
    }

    /// PS3.5 A.4.11: fragments hold the bytes that native pixel data would.
    @Test func `encapsulated uncompressed frames are native ones`() throws {
        func source(_ fragments: [[UInt8]], frames: Int) throws -> any DICOMFrameSource {
            try file("1.98", fragments) { raw in
                raw.explicitImage(rows: 1, columns: 3, bits: 16)
                raw.explicit(.numberOfFrames, .IS, "\(frames)")
            }.frameSource()
        }
        let sound = try source([[1, 0, 2, 0, 3, 0], [4, 0, 5, 0, 6, 1]], frames: 2)
        #expect(sound.warnings == [])
        #expect(words(try sound.frame(0)) == [1, 2, 3])
        #expect(words(try sound.frame(1)) == [4, 5, 262])
        let halves = try source([[1, 0], [2, 0, 3, 0]], frames: 1)
        #expect(words(try halves.frame(0)) == [1, 2, 3])
        let more = try source([[1, 0, 2, 0, 3, 0], [4, 0, 5, 0, 6, 1]], frames: 1)
        #expect(more.warnings.map { $0.code } == [.excessFrames])
        #expect(words(try more.frame(1)) == [4, 5, 262])
        let short = try source([[1, 0, 2, 0]], frames: 1)
        #expect { try short.frame(0) } throws: { ($0 as? DICOMError)?.code == .damagedCodeStream }
    }

    // MARK: Hostile

    /// The size is compared with the header before a decoder sees the stream; the header's own is limited.
    @Test func `huge code streams are refused before anything is allocated`() throws {
        var stream = SampleCodeStreams.jpeg2000
        stream.replaceSubrange(8..<16, with: [0, 0, 0xFF, 0xFF, 0, 0, 0xFF, 0xFF])
        let mismatch = try ramp("4.90", stream)
        #expect { try mismatch.frame(0) } throws: { ($0 as? DICOMError)?.code == .codeStreamMismatch }
        let huge = try file("4.90", [stream]) { $0.explicitImage(rows: 65535, columns: 65535, bits: 16) }
        #expect { try huge.frame(0) } throws: { ($0 as? DICOMError)?.code == .decodedTooLarge }
        var tiles = SampleCodeStreams.jpeg2000
        tiles.replaceSubrange(8..<16, with: [0, 0, 0x20, 0, 0, 0, 0x20, 0])
        let tiled = try file("4.90", [tiles]) { $0.explicitImage(rows: 8192, columns: 8192, bits: 16) }
        #expect { try tiled.frame(0) } throws: { ($0 as? DICOMError)?.code == .codeStreamMismatch }
        let run = try file("5", [pixel(7)]) { $0.explicitImage(rows: 16384, columns: 16384, bits: 8) }
        #expect { try run.frame(0) } throws: { ($0 as? DICOMError)?.code == .damagedCodeStream }
    }

    /// Each byte of each code stream is replaced by three others: pixels or a named error, never a crash.
    @Test(arguments: [
        SampleCodeStreams.jpegLS, SampleCodeStreams.jpegLossless, SampleCodeStreams.jpeg2000,
        SampleCodeStreams.highThroughput,
    ])
    func `a damaged byte anywhere never crashes a decoder`(stream: [UInt8]) throws {
        for index in stream.indices {
            for value: UInt8 in [0, 0xFF, stream[index] ^ 1] {
                var damaged = stream
                damaged[index] = value
                let file = try ramp("4.90", damaged)
                if let frame = try? file.frame(0) { #expect(frame.bytes.count == 40 || frame.bytes.count == 80) }
            }
        }
    }

    @Test func `frames are decoded by many threads at once`() async throws {
        let file = try ramp("4.90", SampleCodeStreams.jpeg2000)
        let source = try file.frameSource()
        let expected = try source.frame(0)
        try await withThrowingTaskGroup { group in
            for _ in 0..<64 { group.addTask { try source.frame(0) } }
            for try await frame in group { #expect(frame == expected) }
        }
    }
}
