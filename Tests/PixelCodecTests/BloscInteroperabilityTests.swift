import Testing

import Imaging
import PixelCodec

/// Buffers packed by numcodecs 0.16 of `a = (np.arange(512, dtype='<i2') // 8 - 32).reshape(16, 32)`:
///
///     Blosc(cname=name, clevel=5, shuffle=Blosc.SHUFFLE, blocksize=0).encode(a).hex()   # zlib: Blosc.BITSHUFFLE
@Suite struct BloscInteroperabilityTests {
    static let buffers: [(compressor: String, hex: String)] = [
        (
            "lz4",
            """
            02012102000400000004000031010000140000000501000013e0010013e1010013e2010013e3010013e4010013e50100
            13e6010013e7010013e8010013e9010013ea010013eb010013ec010013ed010013ee010013ef010013f0010013f10100
            13f2010013f3010013f4010013f5010013f6010013f7010013f8010013f9010013fa010013fb010013fc010013fd0100
            13fe010013ff010013000100130101001302010013030100130401001305010013060100130701001308010013090100
            130a0100130b0100130c0100130d0100130e0100130f0100131001001311010013120100131301001314010013150100
            13160100131701001318010013190100131a0100131b0100131c0100131d0100131e0100801f1f1f1f1f1f1f1f100000
            001fff0100ec1f000100e7500000000000
            """
        ),
        (
            "zstd",
            """
            0201910200040000000400007c000000140000006400000028b52ffd600003d502003404e0e0e1e2e3e4e5e6e7e8e9ea
            ebecedeeeff0f1f2f3f4f5f6f7f8f9fafbfcfdfeff000102030405060708090a0b0c0d0e0f101112131415161718191a
            1b1c1d1e1fff00429810f007001270d0efffffbf01fc960fc8049002
            """
        ),
        (
            "zlib",
            """
            020164020004000000040000570000001400000025000000785e63f8cf401964f84f21069194d13036257c747162e509
            0174fda49a476bfd009c9dff0116000000785efbff1f3f60200008681fd53fc8f503008161ff01
            """
        ),
    ]

    static let expected = (0..<512).map { Int16($0 / 8 - 32) }

    @Test(arguments: buffers)
    func `a buffer of numcodecs unpacks`(compressor: String, hex: String) throws {
        let packed = try #require(bytes(ofHex: hex))
        let frame = try PixelBuffer(rows: 16, columns: 32, elements: Self.expected)
        #expect(try BloscCodec.decode(packed, type: .i16, rows: 16, columns: 32) == frame)
        let band = try BloscCodec.decodeRows(5..<9, of: packed, type: .i16, rows: 16, columns: 32)
        #expect(band.doubles() == Self.expected[160..<288].map(Double.init))
    }

    private func bytes(ofHex text: String) -> [UInt8]? {
        let digits = text.filter(\.isHexDigit).compactMap(\.hexDigitValue)
        guard digits.count % 2 == 0 else { return nil }
        return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] * 16 + digits[$0 + 1]) }
    }
}
