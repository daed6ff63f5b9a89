import Testing

import Imaging
import PixelCodec

@Suite struct BloscCodecTests {
    static let codecs = BloscCodec.Compressor.allCases.map { BloscCodec(compressor: $0) }

    /// Smooth samples with a little noise, so that blocks do compress.
    static func frame(_ type: PixelType, rows: Int, columns: Int, samplesPerPixel: Int = 1) throws -> PixelBuffer {
        var state: UInt64 = 42
        let bytes = (0..<(rows * columns * samplesPerPixel * type.byteCount)).map { index -> UInt8 in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return UInt8(truncatingIfNeeded: index / 900) &+ UInt8(state >> 62)
        }
        return try PixelBuffer(
            type: type, rows: rows, columns: columns, samplesPerPixel: samplesPerPixel, bytes: bytes)
    }

    @Test(arguments: PixelType.allCases, codecs)
    func `every pixel type comes back bit for bit`(type: PixelType, codec: BloscCodec) throws {
        for (rows, columns, samples) in [(1, 1, 1), (3, 5, 1), (301, 257, 1), (130, 140, 3)] {
            let frame = try Self.frame(type, rows: rows, columns: columns, samplesPerPixel: samples)
            let packed = try codec.encode(frame)
            let back = try BloscCodec.decode(
                packed, type: type, rows: rows, columns: columns, samplesPerPixel: samples)
            #expect(back == frame)
        }
    }

    @Test(arguments: codecs)
    func `noise comes back and grows by at most the header`(codec: BloscCodec) throws {
        var generator = SystemRandomNumberGenerator()
        let noise = (0..<(200 * 300)).map { _ in UInt16.random(in: 0...UInt16.max, using: &generator) }
        let frame = try PixelBuffer(rows: 200, columns: 300, elements: noise)
        let packed = try codec.encode(frame)
        #expect(packed.count <= frame.bytes.count + 16)
        #expect(try BloscCodec.decode(packed, type: .u16, rows: 200, columns: 300) == frame)
    }

    @Test(arguments: codecs)
    func `a band of rows equals the rows of the frame`(codec: BloscCodec) throws {
        let frame = try Self.frame(.i16, rows: 300, columns: 211)
        let packed = try codec.encode(frame)
        for band in [0..<1, 0..<300, 17..<18, 100..<260, 299..<300] {
            let part = try BloscCodec.decodeRows(band, of: packed, type: .i16, rows: 300, columns: 211)
            #expect(part.rows == band.count && part.columns == 211)
            #expect(part.bytes == Array(frame.bytes[(band.lowerBound * 422)..<(band.upperBound * 422)]))
        }
    }

    @Test(arguments: [0..<0, -1..<2, 299..<301])
    func `a band outside the frame is refused`(band: Range<Int>) throws {
        let packed = try BloscCodec().encode(try Self.frame(.u8, rows: 300, columns: 4))
        #expect(throws: PixelCodecError.self) {
            try BloscCodec.decodeRows(band, of: packed, type: .u8, rows: 300, columns: 4)
        }
    }

    @Test func `the same frame gives the same bytes`() throws {
        let frame = try Self.frame(.u16, rows: 200, columns: 200)
        #expect(try BloscCodec().encode(frame) == BloscCodec().encode(frame))
    }

    /// The format is that of c-blosc 1: version 2, byte shuffle, the item size of the type. The library splits LZ4 blocks
    /// into one stream per byte of a sample, 32 KiB each; Zstandard blocks stay whole.
    @Test(arguments: [(BloscCodec.Compressor.lz4, UInt8(1)), (.zstd, 0)])
    func `the header names the item size and the block size`(
        compressor: BloscCodec.Compressor, blockBytesHigh: UInt8
    ) throws {
        let frame = try Self.frame(.i16, rows: 512, columns: 512)
        let packed = try BloscCodec(compressor: compressor).encode(frame)
        #expect(packed[0] == 2)
        #expect(packed[2] & 0b111 == 1)
        #expect(packed[3] == 2)
        #expect(Array(packed[4..<8]) == [0, 0, 8, 0])
        #expect(Array(packed[8..<12]) == [0, blockBytesHigh == 1 ? 0 : 0x80, blockBytesHigh, 0])
    }

    @Test(arguments: codecs)
    func `every truncation is an error`(codec: BloscCodec) throws {
        let packed = try codec.encode(try Self.frame(.i16, rows: 40, columns: 50))
        for count in stride(from: 0, to: packed.count, by: 7) {
            #expect(throws: PixelCodecError.self) {
                try BloscCodec.decode(Array(packed.prefix(count)), type: .i16, rows: 40, columns: 50)
            }
        }
    }

    @Test func `another shape than the packed one is an error`() throws {
        let packed = try BloscCodec().encode(try Self.frame(.i16, rows: 40, columns: 50))
        let failure = #expect(throws: PixelCodecError.self) {
            try BloscCodec.decode(packed, type: .i16, rows: 40, columns: 51)
        }
        #expect(failure?.code == .shapeMismatch)
        #expect(throws: PixelCodecError.self) {
            try BloscCodec.decode(packed, type: .i16, rows: Int.max, columns: Int.max)
        }
    }

    /// Damage must give an error or other pixels (the digest tells), never a crash or a read outside.
    @Test(arguments: codecs)
    func `damaged bytes never crash`(codec: BloscCodec) throws {
        let packed = try codec.encode(try Self.frame(.i16, rows: 200, columns: 200))
        var state: UInt64 = 7
        for _ in 0..<500 {
            var damaged = packed
            for _ in 0..<3 {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                damaged[Int(state >> 33) % (state & 1 == 0 ? 64 : damaged.count)] = UInt8(
                    truncatingIfNeeded: state >> 24)
            }
            _ = try? BloscCodec.decode(damaged, type: .i16, rows: 200, columns: 200)
            _ = try? BloscCodec.decodeRows(50..<60, of: damaged, type: .i16, rows: 200, columns: 200)
        }
    }
}
