internal import Crypto
package import Imaging

/// The identity of a frame: SHA-256 over its type, shape and samples.
///
/// The hashed bytes are, without padding:
///
///     "slicehouse-pixels-1"   19 bytes of ASCII
///     0x00
///     type                    "u8" "i8" "u16" "i16" "u32" "i32" "f32" or "f64", ASCII
///     0x00
///     rows                    unsigned 64-bit, little-endian
///     columns                 unsigned 64-bit, little-endian
///     samples per pixel       unsigned 64-bit, little-endian
///     samples                 [rows][columns][sample], little-endian, C order, samples interleaved
///
/// Every field before the samples ends by itself or has a fixed size, so no two frames share a byte string. Rescale,
/// window and geometry are not part of it: frames with equal digests hold equal stored values.
package struct PixelDigest: Sendable, Hashable {
    /// 32 bytes.
    package let bytes: [UInt8]

    /// **Cost** one pass over the samples, which are not copied.
    package init(of buffer: PixelBuffer) {
        var hash = SHA256()
        hash.update(data: Self.header(of: buffer))
        hash.update(data: buffer.bytes)
        bytes = [UInt8](hash.finalize())
    }

    /// Adopts a stored digest; `nil` unless it has 32 bytes.
    package init?(bytes: [UInt8]) {
        guard bytes.count == SHA256.byteCount else { return nil }
        self.bytes = bytes
    }

    /// Lower-case hexadecimal, 64 characters.
    package var hex: String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    private static func header(of buffer: PixelBuffer) -> [UInt8] {
        var header = Array("slicehouse-pixels-1".utf8) + [0]
        header += Array(buffer.type.rawValue.utf8) + [0]
        for side in [buffer.rows, buffer.columns, buffer.samplesPerPixel] {
            let value = UInt64(side)
            header += (0..<8).map { UInt8(truncatingIfNeeded: value >> (8 * UInt64($0))) }
        }
        return header
    }
}
