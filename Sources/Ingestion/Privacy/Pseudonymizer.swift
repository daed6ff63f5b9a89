internal import Crypto
internal import Glibc

/// Turns clinical identifiers into keyed pseudonyms (HMAC-SHA-256).
///
/// The key is a file of at least 32 bytes that only its owner may read. It is never stored in the database; its
/// fingerprint is, so that a warehouse is never filled under two keys.
package struct Pseudonymizer: Sendable {
    private let key: SymmetricKey
    /// The state of the HMAC before the first byte; making it takes longer than a token.
    private let begun: HMAC<SHA256>

    init(key bytes: [UInt8]) {
        key = SymmetricKey(data: bytes)
        begun = HMAC<SHA256>(key: key)
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

    /// Each part has its length before it, so that ("ab", "c") and ("a", "bc") differ.
    private func token(_ parts: String...) -> String {
        var message: [UInt8] = []
        for part in parts {
            let length = UInt64(part.utf8.count)
            for shift in stride(from: 0, to: 64, by: 8) { message.append(UInt8(truncatingIfNeeded: length >> shift)) }
            message.append(contentsOf: part.utf8)
        }
        var code = begun
        code.update(data: message)
        return hexadecimal(code.finalize().prefix(16))
    }
}

/// Lower-case hexadecimal digits of bytes.
func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
    func digit(_ value: UInt8) -> UInt8 { value + (value < 10 ? UInt8(ascii: "0") : UInt8(ascii: "a") - 10) }
    var digits: [UInt8] = []
    digits.reserveCapacity(64)
    for byte in bytes {
        digits.append(digit(byte >> 4))
        digits.append(digit(byte & 15))
    }
    return String(decoding: digits, as: UTF8.self)
}
