import ImageFiles
import Imaging

/// Compressed samples made without the code under test's compressor: deflate's stored blocks (RFC 1951 3.2.4).
enum GzipSample {
    static func stored(_ content: [UInt8]) throws -> [UInt8] {
        precondition(content.count <= 65_535)
        let length = UInt16(content.count)
        let block: [UInt8] = [1] + littleEndian(length) + littleEndian(~length) + content
        return [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3] + block + littleEndian(crc32(content))
            + littleEndian(UInt32(content.count))
    }

    private static func littleEndian<T: FixedWidthInteger>(_ value: T) -> [UInt8] {
        (0..<MemoryLayout<T>.size).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }

    /// RFC 1952, section 8.
    private static func crc32(_ bytes: [UInt8]) -> UInt32 {
        var crc: UInt32 = 0xFFFF_FFFF
        for byte in bytes {
            crc ^= UInt32(byte)
            for _ in 0..<8 { crc = crc & 1 == 1 ? 0xEDB8_8320 ^ (crc >> 1) : crc >> 1 }
        }
        return ~crc
    }
}
