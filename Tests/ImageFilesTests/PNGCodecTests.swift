import ImageFiles
import Imaging
import Testing

/// Expected samples: `numpy.asarray(Image.open(file))` (converted to L, RGB or RGBA), and the bytes put into the file.
@Suite struct PNGCodecTests {
    @Test func `grey of few bits is scaled to eight`() throws {
        #expect(try PNGCodec.decode(PNGFixture.grey1).bytes == [255, 0, 255, 255, 0, 0, 255, 0, 0, 255])
        #expect(try PNGCodec.decode(PNGFixture.grey2).bytes == [0, 85, 170, 255])
        #expect(try PNGCodec.decode(PNGFixture.grey4).bytes == [0, 255, 119])
        #expect(try PNGCodec.header(PNGFixture.grey1).bitDepth == 1)
    }

    @Test func `sixteen bits keep their values`() throws {
        let grey = try PixelBuffer(rows: 2, columns: 2, elements: [1, 256, 65535, 4660] as [UInt16])
        #expect(try PNGCodec.decode(PNGFixture.grey16) == grey)
        let colour = try PixelBuffer(rows: 1, columns: 1, samplesPerPixel: 3, elements: [1, 256, 513] as [UInt16])
        #expect(try PNGCodec.decode(PNGFixture.rgb16) == colour)
    }

    @Test func `palettes become colours, with alpha where the palette has it`() throws {
        let opaque = try PNGCodec.decode(PNGFixture.palette)
        #expect(opaque.samplesPerPixel == 3)
        #expect(opaque.bytes == [70, 80, 90, 10, 20, 30, 40, 50, 60])
        let transparent = try PNGCodec.decode(PNGFixture.transparentPalette)
        #expect(transparent.samplesPerPixel == 4)
        #expect(transparent.bytes == [70, 80, 90, 255, 10, 20, 30, 255, 40, 50, 60, 128])
    }

    /// The numbers that were written into the files.
    @Test func `label maps keep the numbers of the file`() throws {
        #expect(try PNGCodec.decode(PNGFixture.grey1, asStored: true).bytes == [1, 0, 1, 1, 0, 0, 1, 0, 0, 1])
        #expect(try PNGCodec.decode(PNGFixture.grey2, asStored: true).bytes == [0, 1, 2, 3])
        #expect(try PNGCodec.decode(PNGFixture.grey4, asStored: true).bytes == [0, 15, 7])
        for file in [PNGFixture.palette, PNGFixture.transparentPalette] {
            let indices = try PNGCodec.decode(file, asStored: true)
            #expect(indices.samplesPerPixel == 1 && indices.bytes == [2, 0, 1])
        }
        for file in [PNGFixture.grey16, PNGFixture.adam7, PNGFixture.rgba] {
            #expect(try PNGCodec.decode(file, asStored: true) == PNGCodec.decode(file))
        }
    }

    @Test func `alpha channels are samples`() throws {
        #expect(try PNGCodec.decode(PNGFixture.greyAlpha).bytes == [9, 200, 8, 100])
        let rgba = try PNGCodec.decode(PNGFixture.rgba)
        #expect((rgba.rows, rgba.columns, rgba.samplesPerPixel) == (2, 1, 4))
        #expect(rgba.bytes == [1, 2, 3, 4, 5, 6, 7, 8])
    }

    @Test func `an interlaced file gives its rows in order`() throws {
        let frame = try PNGCodec.decode(PNGFixture.adam7)
        #expect(try PNGCodec.header(PNGFixture.adam7).isInterlaced)
        #expect((frame.rows, frame.columns) == (5, 9))
        #expect(frame.bytes == (0..<45).map { UInt8($0 * 5) })
    }

    @Test(arguments: [PixelType.u8, .u16], [1, 2, 3, 4]) func `what is encoded is decoded`(
        _ type: PixelType, _ samples: Int
    ) throws {
        let bytes = (0..<7 * 5 * samples * type.byteCount).map { UInt8(truncatingIfNeeded: $0 * 37) }
        let frame = try PixelBuffer(type: type, rows: 7, columns: 5, samplesPerPixel: samples, bytes: bytes)
        let encoded = try PNGCodec.encode(frame)
        #expect(try PNGCodec.decode(encoded) == frame)
        #expect(try PNGCodec.encode(frame) == encoded)
    }

    @Test func `pixels without a PNG form are refused`() throws {
        let signed = try PixelBuffer(rows: 1, columns: 1, elements: [1] as [Int16])
        #expect(codeOf { try PNGCodec.encode(signed) } == .invalidRequest)
        let five = try PixelBuffer(rows: 1, columns: 1, samplesPerPixel: 5, elements: [1, 2, 3, 4, 5] as [UInt8])
        #expect(codeOf { try PNGCodec.encode(five) } == .invalidRequest)
    }

    @Test func `every cut of the file is noticed`() {
        for count in 0..<PNGFixture.adam7.count {
            let code = codeOf { try PNGCodec.decode(Array(PNGFixture.adam7.prefix(count))) }
            #expect(code == (1..<8 ~= count ? .notAPNG : .truncated), "\(count) bytes")
        }
    }

    @Test func `no changed byte goes unnoticed or crashes`() throws {
        let good = try PNGCodec.decode(PNGFixture.rgba)
        for offset in 8..<PNGFixture.rgba.count {
            var bytes = PNGFixture.rgba
            bytes[offset] ^= 0x41
            let decoded = try? PNGCodec.decode(bytes, maximumByteCount: 1 << 20)
            #expect(decoded == nil || decoded == good)
        }
    }

    @Test func `a size beyond the limit is refused before it is allocated`() {
        #expect(codeOf { try PNGCodec.decode(PNGFixture.adam7, maximumByteCount: 44) } == .tooLarge)
        #expect(codeOf { try PNGCodec.decode(PNGFixture.adam7, maximumByteCount: 45) } == nil)
    }
}
