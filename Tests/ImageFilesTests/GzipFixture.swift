import Foundation

/// Base64 to bytes; a fixture that is no base64 is empty and fails its test.
func bytes(_ base64: String) -> [UInt8] {
    Data(base64Encoded: base64).map { [UInt8]($0) } ?? []
}

enum GzipFixture {
    /// `gzip.compress(b"slicehouse " * 100, mtime=0) + gzip.compress(b"two", mtime=0) + bytes(5)`
    static let twoMembers = bytes(
        "H4sIAAAAAAACAyvOyUxOzcgvLU5VKB5ljjJHmaNMcpkAJILpFUwEAAAfiwgAAAAAAAIDKynPBwBmisoRAwAAAAAAAAAA")
}
