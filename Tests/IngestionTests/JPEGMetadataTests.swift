import ImageFiles
import Imaging
import Testing

@testable import Ingestion

@Suite("JPEGMetadata")
struct JPEGMetadataTests {
    /// SOI, then APP1 (Exif) and COM with a planted name, then the rest of a real stream.
    @Test func `Exif and comments go, and the pixels stay`() throws {
        let pixels = try PixelBuffer(rows: 8, columns: 8, elements: (0..<64).map { UInt8($0 * 4) })
        let clean = try JPEGCodec.encode(pixels, quality: 90)
        let canary = Array("DOE^JANE".utf8)
        let exif = [0xFF, 0xE1, 0, UInt8(2 + canary.count)] + canary
        let comment = [0xFF, 0xFE, 0, UInt8(2 + canary.count)] + canary
        let dirty = Array(clean[..<2]) + exif + comment + Array(clean[2...])
        let stripped = try #require(JPEGMetadata.stripped(dirty))
        #expect(stripped == clean)
        #expect(try JPEGCodec.decode(stripped) == JPEGCodec.decode(dirty))
    }

    private static let canary = Array("DOE^JANE".utf8)

    private static func segment(_ marker: UInt8, fill: Int = 0) -> [UInt8] {
        [UInt8](repeating: 0xFF, count: 1 + fill) + [marker, 0, UInt8(2 + canary.count)] + canary
    }

    /// Fill bytes before APP1, a foreign APP0, and bytes behind the end: decoders read all of these.
    @Test func `fill bytes, foreign segments and bytes behind the end hide nothing`() throws {
        let pixels = try PixelBuffer(rows: 16, columns: 16, elements: (0..<256).map { UInt8($0) })
        let clean = try JPEGCodec.encode(pixels, quality: 90)
        let dirty =
            Array(clean[..<2]) + Self.segment(0xE1, fill: 3) + Self.segment(0xE0) + Array(clean[2...]) + Self.canary
        let stripped = try #require(JPEGMetadata.stripped(dirty))
        #expect(!stripped.contains(Self.canary))
        #expect(try JPEGCodec.decode(stripped) == JPEGCodec.decode(clean))
    }

    /// A comment where a second scan of a progressive file would begin: behind the coded data, before the end.
    @Test func `a comment behind coded data goes`() throws {
        let pixels = try PixelBuffer(rows: 16, columns: 16, elements: (0..<256).map { UInt8($0) })
        let clean = try JPEGCodec.encode(pixels, quality: 90)
        let dirty = Array(clean.dropLast(2)) + Self.segment(0xFE) + Array(clean.suffix(2))
        let stripped = try #require(JPEGMetadata.stripped(dirty))
        #expect(!stripped.contains(Self.canary))
        #expect(try JPEGCodec.decode(stripped) == JPEGCodec.decode(clean))
    }

    @Test(arguments: [[], [0xFF], [0xFF, 0xD8, 0xFF, 0xE1, 0xFF, 0xFF], [1, 2, 3, 4, 5]] as [[UInt8]])
    func `bytes that are not a whole stream are not kept as one`(bytes: [UInt8]) {
        #expect(JPEGMetadata.stripped(bytes) == nil)
    }
}
