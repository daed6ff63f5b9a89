import Testing

import Imaging
import PixelCodec

/// Every digest was computed with Python's hashlib:
///
///     hashlib.sha256(b"slicehouse-pixels-1\0" + type + b"\0" + struct.pack("<QQQ", rows, columns, samples)
///                    + array.tobytes()).hexdigest()
@Suite struct PixelDigestTests {
    @Test func `digests equal those of hashlib`() throws {
        let grey = try PixelBuffer(rows: 2, columns: 2, elements: [UInt8(0), 1, 2, 255])
        #expect(PixelDigest(of: grey).hex == "37ad3382a53c7b05cf58c963c606020d7fa5f7fea2dda00bb56c009636c45e56")
        let signed = try PixelBuffer(rows: 1, columns: 3, elements: [Int16(-1024), 0, 3071])
        #expect(PixelDigest(of: signed).hex == "085c8fc31a369c836702ecadd6a5e4ba17fe9af3f6e821e11a306d365518070e")
        let colour = try PixelBuffer(
            rows: 1, columns: 2, samplesPerPixel: 3, elements: [UInt8(0), 1, 2, 253, 254, 255])
        #expect(PixelDigest(of: colour).hex == "0a0b952cd458e068195cb3c6153a32a50bead544e89917121068384dd3a93ae5")
        let real = try PixelBuffer(rows: 2, columns: 1, elements: [Float(0.5), -1.5])
        #expect(PixelDigest(of: real).hex == "72b3c1d887c1e974b23a024368586fa1e2f747f58867962821d993588c69fe3b")
    }

    @Test func `type and shape are part of the identity`() throws {
        let bytes = [UInt8](repeating: 1, count: 12)
        var digests: Set<PixelDigest> = []
        digests.insert(PixelDigest(of: try PixelBuffer(type: .u8, rows: 3, columns: 4, bytes: bytes)))
        digests.insert(PixelDigest(of: try PixelBuffer(type: .i8, rows: 3, columns: 4, bytes: bytes)))
        digests.insert(PixelDigest(of: try PixelBuffer(type: .u8, rows: 4, columns: 3, bytes: bytes)))
        digests.insert(
            PixelDigest(of: try PixelBuffer(type: .u8, rows: 1, columns: 4, samplesPerPixel: 3, bytes: bytes)))
        digests.insert(PixelDigest(of: try PixelBuffer(type: .u16, rows: 3, columns: 2, bytes: bytes)))
        #expect(digests.count == 5)
    }

    @Test func `a stored digest is adopted only when it has 32 bytes`() throws {
        let digest = PixelDigest(of: try PixelBuffer(rows: 1, columns: 1, elements: [UInt8(0)]))
        #expect(PixelDigest(bytes: digest.bytes) == digest)
        #expect(PixelDigest(bytes: Array(digest.bytes.dropLast())) == nil)
    }
}
