/// CRC-32 with the polynomial of Castagnoli, as TFRecord frames carry it.
///
/// **Source** RFC 3720, appendix B.4; reflected polynomial 0x82F63B78.
enum CRC32C {
    private static let table: [UInt32] = (0..<256).map { byte in
        (0..<8).reduce(UInt32(byte)) { value, _ in value & 1 == 1 ? value >> 1 ^ 0x82F6_3B78 : value >> 1 }
    }

    static func checksum(_ bytes: [UInt8]) -> UInt32 {
        let table = table
        return ~bytes.reduce(~UInt32(0)) { $0 >> 8 ^ table[Int(UInt8(truncatingIfNeeded: $0) ^ $1)] }
    }

    /// As TensorFlow masks it, so that a checksum of checksums is not weak.
    static func masked(_ bytes: [UInt8]) -> UInt32 {
        let sum = checksum(bytes)
        return (sum >> 15 | sum << 17) &+ 0xA282_EAD8
    }
}
