import ImageFiles
import Imaging
import Testing

@Suite struct JPEGCodecTests {
    @Test func `grey pixels equal Pillow's`() throws {
        let frame = try JPEGCodec.decode(JPEGFixture.grey)
        #expect((frame.rows, frame.columns, frame.samplesPerPixel) == (12, 10, 1))
        #expect(frame.bytes == JPEGFixture.greyPixels)
    }

    @Test func `subsampled and progressive colours equal Pillow's`() throws {
        let baseline = try JPEGCodec.decode(JPEGFixture.colour420)
        #expect((baseline.rows, baseline.columns, baseline.samplesPerPixel) == (12, 10, 3))
        #expect(baseline.bytes == JPEGFixture.colour420Pixels)
        #expect(try JPEGCodec.decode(JPEGFixture.progressive422).bytes == JPEGFixture.progressive422Pixels)
    }

    @Test func `the header is known without decoding`() throws {
        let colour = try JPEGCodec.header(JPEGFixture.progressive422)
        #expect((colour.width, colour.height, colour.components, colour.precision) == (10, 12, 3, 8))
        #expect(colour.colourSpace == .yCbCr)
        #expect(colour.isProgressive)
        #expect(colour.exifOrientation == nil)
        #expect(try JPEGCodec.header(JPEGFixture.grey).colourSpace == .grey)
        #expect(try JPEGCodec.header(JPEGFixture.cmyk).colourSpace == .cmyk)
    }

    @Test func `Exif orientation is reported and not applied`() throws {
        #expect(try JPEGCodec.header(JPEGFixture.rotated).exifOrientation == 6)
        let frame = try JPEGCodec.decode(JPEGFixture.rotated)
        #expect((frame.rows, frame.columns) == (12, 10))
    }

    @Test func `CMYK is refused by name`() {
        #expect(codeOf { try JPEGCodec.decode(JPEGFixture.cmyk) } == .unsupportedColourSpace)
    }

    /// libjpeg fills what is missing with grey and only warns.
    @Test func `every cut of the file is noticed`() {
        for fixture in [JPEGFixture.grey, JPEGFixture.colour420, JPEGFixture.progressive422] {
            for count in 0..<fixture.count - 2 {
                let code = codeOf { try JPEGCodec.decode(Array(fixture.prefix(count))) }
                #expect(code == (count == 1 ? .notAJPEG : .truncated), "\(count) bytes")
            }
        }
    }

    @Test func `no changed byte crashes`() {
        var outcomes = 0
        for offset in JPEGFixture.colour420.indices {
            for value: UInt8 in [0, 0x80, 0xFF] {
                var bytes = JPEGFixture.colour420
                bytes[offset] = value
                _ = try? JPEGCodec.decode(bytes, maximumByteCount: 1 << 24)
                outcomes += 1
            }
        }
        #expect(outcomes == 3 * JPEGFixture.colour420.count)
    }

    @Test func `a size beyond the limit is refused before it is allocated`() {
        #expect(codeOf { try JPEGCodec.decode(JPEGFixture.colour420, maximumByteCount: 359) } == .tooLarge)
    }

    @Test(arguments: JPEGCodec.Subsampling.allCases) func `a smooth picture survives quality 100`(
        _ subsampling: JPEGCodec.Subsampling
    ) throws {
        var samples: [UInt8] = []
        for pixel in 0..<256 {
            samples += [UInt8(90 + pixel / 16 * 4), 100, UInt8(90 + pixel % 16 * 2)]
        }
        let frame = try PixelBuffer(rows: 16, columns: 16, samplesPerPixel: 3, elements: samples)
        let decoded = try JPEGCodec.decode(JPEGCodec.encode(frame, quality: 100, subsampling: subsampling))
        let worst = zip(decoded.bytes, frame.bytes).map { abs(Int($0) - Int($1)) }.max()
        #expect(try #require(worst) <= 4)
    }

    @Test func `grey is encoded with one component`() throws {
        let frame = try PixelBuffer(rows: 3, columns: 5, elements: [UInt8](repeating: 77, count: 15))
        let encoded = try JPEGCodec.encode(frame, quality: 90)
        #expect(try JPEGCodec.header(encoded).components == 1)
        #expect(try JPEGCodec.decode(encoded) == frame)
        #expect(codeOf { try JPEGCodec.encode(frame, quality: 0) } == .invalidRequest)
    }
}
