internal import Crypto
internal import Glibc

/// SHA-256 of bytes and files.
package enum FileDigest {
    /// The 32 bytes of the digest.
    package static func sha256(_ bytes: [UInt8]) -> [UInt8] {
        Array(SHA256.hash(data: bytes))
    }

    /// The digest of a file, read in pieces of 1 MiB.
    ///
    /// **Throws** `fileUnreadable`, naming the last path component.
    package static func sha256(ofFile path: String) throws(WarehouseError) -> [UInt8] {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw unreadable(path) }
        defer { close(descriptor) }
        var hash = SHA256()
        var buffer = [UInt8](repeating: 0, count: 1 << 20)
        while true {
            let count = unsafe read(descriptor, &buffer, buffer.count)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw unreadable(path) }
            guard count > 0 else { return Array(hash.finalize()) }
            unsafe buffer.withUnsafeBytes {
                unsafe hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: $0[..<count]))
            }
        }
    }

    /// Lower-case hexadecimal digits.
    package static func hex(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    private static func unreadable(_ path: String) -> WarehouseError {
        WarehouseError(
            code: .fileUnreadable, subject: path.split(separator: "/").last.map(String.init) ?? path,
            reason: "the file cannot be read (\(unsafe String(cString: strerror(errno))))")
    }
}
