internal import Crypto
internal import Glibc

/// One state of a file: whoever writes to it makes another.
struct FileStamp: Sendable, Hashable {
    private let device: UInt64
    private let inode: UInt64
    private let byteCount: Int64
    private let seconds: Int
    private let nanoseconds: Int

    /// Nil where there is no such file.
    init?(path: String) {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { return nil }
        self.init(status)
    }

    init?(descriptor: Int32) {
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { return nil }
        self.init(status)
    }

    private init(_ status: stat) {
        device = UInt64(status.st_dev)
        inode = UInt64(status.st_ino)
        byteCount = Int64(status.st_size)
        seconds = Int(status.st_mtim.tv_sec)
        nanoseconds = Int(status.st_mtim.tv_nsec)
    }

    /// Whether it was written later.
    func isNewer(than other: FileStamp) -> Bool {
        (seconds, nanoseconds) > (other.seconds, other.nanoseconds)
    }
}

/// Files that were read and had their SHA-256, so that the next epoch need not read them again.
final class ProvenFiles: Sendable {
    private let stamps = Monitor<Set<FileStamp>>([])

    func contains(_ stamp: FileStamp) -> Bool { stamps.change { $0.contains(stamp) } }

    func insert(_ stamp: FileStamp) { stamps.change { _ = $0.insert(stamp) } }
}

/// Whether a baked file has the SHA-256 of its manifest: found out by the first thread that wants a sample of it.
final class FileProof: Sendable {
    private let sha256: String
    private let known: ProvenFiles
    private let outcome = Monitor<Bool?>(nil)

    /// - Parameter sha256: In hexadecimal.
    init(sha256: String, known: ProvenFiles) {
        self.sha256 = sha256
        self.known = known
    }

    /// Reads the file once; other threads wait for the answer.
    func holds(for descriptor: Int32) -> Bool {
        outcome.change { outcome in
            if let answer = outcome { return answer }
            let answer = compare(descriptor)
            outcome = answer
            return answer
        }
    }

    private func compare(_ descriptor: Int32) -> Bool {
        guard let stamp = FileStamp(descriptor: descriptor) else { return false }
        if known.contains(stamp) { return true }
        guard Self.digest(of: descriptor) == sha256 else { return false }
        known.insert(stamp)
        return true
    }

    /// In hexadecimal; nil where the file cannot be read to its end.
    private static func digest(of descriptor: Int32) -> String? {
        var hash = SHA256()
        var block = [UInt8](repeating: 0, count: 1 << 20)
        var place = 0
        while true {
            let count = unsafe pread(descriptor, &block, block.count, off_t(place))
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { return nil }
            if count == 0 { break }
            hash.update(data: count == block.count ? block : Array(block.prefix(count)))
            place += count
        }
        return hash.finalize().map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
