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
        let stripped = JPEGMetadata.stripped(dirty)
        #expect(stripped == clean)
        #expect(try JPEGCodec.decode(stripped) == JPEGCodec.decode(dirty))
    }

    @Test(arguments: [[], [0xFF], [0xFF, 0xD8, 0xFF, 0xE1, 0xFF, 0xFF], [1, 2, 3, 4, 5]] as [[UInt8]])
    func `bytes that are not a stream come back as they are`(bytes: [UInt8]) {
        #expect(JPEGMetadata.stripped(bytes) == bytes)
    }
}
