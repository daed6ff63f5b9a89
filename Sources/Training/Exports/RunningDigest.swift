internal import Crypto

/// SHA-256 of bytes that come in pieces.
struct RunningDigest {
    private var hash = SHA256()

    mutating func add(_ bytes: [UInt8]) { hash.update(data: bytes) }

    func finish() -> [UInt8] { Array(hash.finalize()) }
}
