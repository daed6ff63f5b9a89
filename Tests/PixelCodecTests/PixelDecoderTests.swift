import ImageFiles
import Imaging
import PixelCodec
import Testing

@Suite struct PixelDecoderTests {
    @Test func `a blosc row unpacks to its frame`() throws {
        let frame = try PixelBuffer(rows: 2, columns: 3, elements: [Int16(-5), 0, 7, 9, 11, 400])
        let bytes = try BloscCodec().encode(frame)
        let back = try PixelDecoder.decode(
            encoding: .blosc, bytes: bytes, type: .i16, rows: 2, columns: 3, samplesPerPixel: 1)
        #expect(back == frame)
    }

    @Test func `a JPEG row unpacks to the pixels of the JPEG decoder`() throws {
        let frame = try PixelBuffer(rows: 8, columns: 16, elements: (0..<128).map { UInt8($0 * 2) })
        let bytes = try JPEGCodec.encode(frame, quality: 90)
        let back = try PixelDecoder.decode(
            encoding: .jpeg, bytes: bytes, type: .u8, rows: 8, columns: 16, samplesPerPixel: 1)
        #expect(back == (try JPEGCodec.decode(bytes)))
    }

    @Test func `a JPEG row of another shape and a damaged one are errors`() throws {
        let frame = try PixelBuffer(rows: 8, columns: 8, elements: [UInt8](repeating: 50, count: 64))
        let bytes = try JPEGCodec.encode(frame, quality: 90)
        let wrongShape = #expect(throws: PixelCodecError.self) {
            try PixelDecoder.decode(
                encoding: .jpeg, bytes: bytes, type: .u8, rows: 8, columns: 9, samplesPerPixel: 1)
        }
        #expect(wrongShape?.code == .shapeMismatch)
        let damaged = #expect(throws: PixelCodecError.self) {
            try PixelDecoder.decode(
                encoding: .jpeg, bytes: Array(bytes.prefix(10)), type: .u8, rows: 8, columns: 8, samplesPerPixel: 1)
        }
        #expect(damaged?.code == .corrupt)
    }
}
