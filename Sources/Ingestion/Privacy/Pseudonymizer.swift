internal import Crypto
internal import Glibc

/// Turns clinical identifiers into keyed pseudonyms (HMAC-SHA-256).
///
/// The key is a file of at least 32 bytes that only its owner may read. It is never stored in the database; its
/// fingerprint is, so that a warehouse is never filled under two keys.
package struct Pseudonymizer: Sendable {
    private let key: SymmetricKey

    init(key bytes: [UInt8]) {
        key = SymmetricKey(data: bytes)
    }

    /// First 16 hexadecimal digits of SHA-256 over a label and the key: enough to tell keys apart, useless to find one.
    package var fingerprint: String {
        let digest = unsafe key.withUnsafeBytes { bytes in
            var hash = SHA256()
            hash.update(data: Array("slicehouse-key-fingerprint-1".utf8))
            unsafe hash.update(bufferPointer: bytes)
            return hash.finalize()
        }
        return hexadecimal(digest.prefix(8))
    }

    /// Stored key of a patient: `p-` and 128 bits of the HMAC over the issuer and the identifier.
    package func patientKey(issuer: String?, identifier: String) -> String {
        "p-" + token("patient", issuer ?? "", identifier)
    }

    /// How what stands for a path begins.
    static let pathPrefix = "hmac-"

    /// What stands for a path or the name of a folder, so that file names with names of people are not stored.
    package func pathToken(_ path: String) -> String {
        Self.pathPrefix + token("path", path)
    }

    private func token(_ parts: String...) -> String {
        var code = HMAC<SHA256>(key: key)
        for part in parts {
            let bytes = Array(part.utf8)
            code.update(data: withLength(bytes))
        }
        return hexadecimal(code.finalize().prefix(16))
    }

    /// A part with its length before it, so that ("ab", "c") and ("a", "bc") differ.
    private func withLength(_ bytes: [UInt8]) -> [UInt8] {
        var length = UInt64(bytes.count).littleEndian
        return unsafe withUnsafeBytes(of: &length) { unsafe Array($0) } + bytes
    }
}

/// Lower-case hexadecimal digits of bytes.
func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
    let digits = Array("0123456789abcdef")
    return String(bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
}
