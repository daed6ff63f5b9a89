internal import CZlib

/// Inflates gzip data (RFC 1952) with a limit, so that a small file cannot fill the memory.
///
/// Members that follow one another are one stream, and zero bytes after the last are padding, as in Python's `gzip`.
package enum GzipInflate {
    /// The limit that callers without an opinion use: 4 GiB.
    package static let defaultLimit = 4 << 30

    package static func isGzip(_ bytes: some Collection<UInt8>) -> Bool {
        bytes.starts(with: [0x1F, 0x8B])
    }

    /// The whole content.
    ///
    /// **Throws** `notAGzip`, `truncated`, `corrupt` (including a wrong checksum), `tooLarge` when the content is
    /// longer than `limit` bytes. **Cost** memory of at most twice the content while growing; none extra when
    /// `expectedCount` is right.
    package static func inflate(
        _ bytes: [UInt8], limit: Int = defaultLimit, expectedCount: Int? = nil
    ) throws(ImageFileError) -> [UInt8] {
        try inflate(bytes, framing: .gzip, limit: limit, expectedCount: expectedCount)
    }

    /// The whole content of data in either framing; throws and costs the same.
    static func inflate(
        _ bytes: [UInt8], framing: DeflateFraming, limit: Int, expectedCount: Int?
    ) throws(ImageFileError) -> [UInt8] {
        var inflater = try GzipInflater(framing: framing)
        let guess = expectedCount ?? storedCount(of: bytes)
        var content: [UInt8] = []
        content.reserveCapacity(min(max(guess, 4_096), limit))
        while true {
            let room = min(max(content.capacity - content.count, content.count / 2, 65_536), limit - content.count + 1)
            let isFinished = try inflater.append(upTo: room, of: bytes, to: &content)
            guard content.count <= limit else {
                throw .gzip(.tooLarge, "it inflates to more than the \(limit) bytes allowed", at: inflater.position)
            }
            if isFinished { return content }
        }
    }

    /// The first `count` bytes of the content, fewer where it is shorter or where `bytes` are only the beginning of a
    /// file.
    ///
    /// **Throws** `notAGzip`, `corrupt`.
    package static func prefix(_ bytes: [UInt8], count: Int) throws(ImageFileError) -> [UInt8] {
        var inflater = try GzipInflater()
        var content: [UInt8] = []
        content.reserveCapacity(count)
        while content.count < count {
            do {
                if try inflater.append(upTo: count - content.count, of: bytes, to: &content) { break }
            } catch {
                guard error.code == .truncated else { throw error }
                break
            }
        }
        return content
    }

    /// The length that the last member's trailer states (modulo 2^32): a guess for the first allocation, never trusted,
    /// and not believed beyond what deflate can reach (1032 : 1).
    private static func storedCount(of bytes: [UInt8]) -> Int {
        guard bytes.count >= 18 else { return 0 }
        let stated = bytes.suffix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
        return min(stated + 1, bytes.count * 1_032)
    }
}
