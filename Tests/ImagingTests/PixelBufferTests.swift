import Testing

import Imaging

@Suite struct PixelBufferTests {
    @Test(arguments: PixelType.allCases)
    func `a buffer holds exactly the bytes of its shape`(type: PixelType) throws {
        let bytes = [UInt8](repeating: 7, count: 2 * 3 * type.byteCount)
        let buffer = try PixelBuffer(type: type, rows: 2, columns: 3, bytes: bytes)
        #expect(buffer.pixelCount == 6)
        #expect(throws: ImagingError.self) {
            try PixelBuffer(type: type, rows: 2, columns: 3, bytes: Array(bytes.dropLast()))
        }
    }

    @Test(arguments: [(0, 1, 1), (1, -1, 1), (1, 1, 0), (Int.max, 2, 1), (1 << 31, 1 << 31, 4)])
    func `an impossible shape is refused`(rows: Int, columns: Int, samples: Int) {
        #expect(throws: ImagingError.self) {
            try PixelBuffer(type: .u16, rows: rows, columns: columns, samplesPerPixel: samples, bytes: [])
        }
    }

    @Test func `samples are little endian in row-major order`() throws {
        let buffer = try PixelBuffer(rows: 2, columns: 2, elements: [Int16(1), -2, 300, -32768])
        #expect(buffer.bytes == [1, 0, 0xFE, 0xFF, 0x2C, 0x01, 0x00, 0x80])
        #expect(buffer.doubles() == [1, -2, 300, -32768])
    }

    @Test func `every pixel type widens to the same numbers`() throws {
        #expect(try PixelBuffer(rows: 1, columns: 2, elements: [UInt8(0), 255]).doubles() == [0, 255])
        #expect(try PixelBuffer(rows: 1, columns: 2, elements: [Int8(-128), 127]).doubles() == [-128, 127])
        #expect(try PixelBuffer(rows: 1, columns: 2, elements: [UInt16(0), 65535]).doubles() == [0, 65535])
        #expect(try PixelBuffer(rows: 1, columns: 1, elements: [UInt32.max]).doubles() == [4_294_967_295])
        #expect(try PixelBuffer(rows: 1, columns: 1, elements: [Int32.min]).doubles() == [-2_147_483_648])
        #expect(try PixelBuffer(rows: 1, columns: 1, elements: [Float(0.5)]).doubles() == [0.5])
        #expect(try PixelBuffer(rows: 1, columns: 1, elements: [-1e300]).doubles() == [-1e300])
    }

    @Test func `elements are lent as their own type only`() throws {
        let buffer = try PixelBuffer(rows: 1, columns: 3, elements: [UInt16(1), 2, 3])
        let sum = try unsafe buffer.withElements(as: UInt16.self) { unsafe $0.reduce(0, +) }
        #expect(sum == 6)
        let failure = #expect(throws: ImagingError.self) {
            try unsafe buffer.withElements(as: Int16.self) { _ in () }
        }
        #expect(failure?.code == .wrongPixelType)
    }

    @Test func `a rescale turns stored values into units and absence leaves them`() throws {
        let buffer = try PixelBuffer(rows: 1, columns: 3, elements: [UInt16(0), 1024, 4095])
        #expect(buffer.values(rescaledBy: Rescale(slope: 1, intercept: -1024)) == [-1024, 0, 3071])
        #expect(buffer.values(rescaledBy: nil) == [0, 1024, 4095])
        #expect(Rescale(slope: 2, intercept: -10).stored(ofValue: 30) == 20)
        #expect(Rescale(slope: 0, intercept: 5).stored(ofValue: 5) == nil)
    }
}
