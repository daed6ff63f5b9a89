/// CRC-32 with the polynomial of Castagnoli, as TFRecord frames carry it, eight bytes at a time.
///
/// **Source** RFC 3720, appendix B.4; reflected polynomial 0x82F63B78. Kounavis and Berry, "A systematic approach to
/// building high performance, software-based, CRC generators" (2005), for the eight tables.
enum CRC32C {
    /// **Shape** `[8][256]`: what a byte contributes that has so many bytes behind it.
    private static let tables: [UInt32] = {
        var tables: [UInt32] = []
        for byte in UInt32(0)..<256 {
            tables.append((0..<8).reduce(byte) { value, _ in (value >> 1) ^ (value & 1 == 1 ? 0x82F6_3B78 : 0) })
        }
        for index in 256..<8 * 256 {
            let shorter = tables[index - 256]
            tables.append(shorter >> 8 ^ tables[Int(shorter & 255)])
        }
        return tables
    }()

    static func checksum(_ bytes: [UInt8]) -> UInt32 {
        var sum = ~UInt32(0)
        unsafe tables.withUnsafeBufferPointer { tables in
            unsafe bytes.withUnsafeBytes { bytes in
                var place = 0
                while place + 8 <= bytes.count {
                    let word = unsafe UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self))
                    let mixed = word ^ UInt64(sum)
                    sum = 0
                    for byte in 0..<8 {
                        let value = Int(mixed >> UInt64(8 * byte) & 255)
                        unsafe sum ^= tables[(7 - byte) * 256 + value]
                    }
                    place += 8
                }
                while place < bytes.count {
                    unsafe sum = sum >> 8 ^ tables[Int(UInt8(truncatingIfNeeded: sum) ^ bytes[place])]
                    place += 1
                }
            }
        }
        return ~sum
    }

    /// As TensorFlow masks it, so that a checksum of checksums is not weak.
    static func masked(_ bytes: [UInt8]) -> UInt32 {
        let sum = checksum(bytes)
        return (sum >> 15 | sum << 17) &+ 0xA282_EAD8
    }
}
