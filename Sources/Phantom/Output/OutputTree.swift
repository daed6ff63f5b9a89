internal import Crypto
internal import Glibc
internal import Synchronization

/// A new folder that is being filled: makes subfolders, writes files, remembers their digests.
///
/// Used from several tasks at once; the only shared state is the list of what was written.
final class OutputTree: Sendable {
    /// A file as it was written.
    struct Entry: Sendable {
        let path: String
        let byteCount: Int
        let sha256: String
    }

    let root: String
    private let written = Mutex<[Entry]>([])

    /// Makes `root` and its parents.
    ///
    /// **Throws** `directoryNotEmpty`, `unwritable`.
    init(root: String) throws(PhantomError) {
        self.root = root.count > 1 && root.hasSuffix("/") ? String(root.dropLast()) : root
        try Self.makeFolders(self.root)
        guard try Self.isEmpty(self.root) else { throw .directoryNotEmpty(self.root) }
    }

    /// Makes a folder below the root, parents included.
    func makeFolder(_ path: String) throws(PhantomError) {
        try Self.makeFolders(root + "/" + path)
    }

    /// Writes a file whose folder exists.
    func write(_ bytes: [UInt8], to path: String) throws(PhantomError) {
        let full = root + "/" + path
        let descriptor = unsafe open(full, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw .unwritable(full, errno: errno, doing: "create") }
        defer { close(descriptor) }
        var offset = 0
        while offset < bytes.count {
            let step = unsafe bytes.withUnsafeBytes { buffer in
                unsafe Glibc.write(descriptor, buffer.baseAddress.map { unsafe $0 + offset }, bytes.count - offset)
            }
            if step < 0, errno == EINTR { continue }
            guard step > 0 else { throw .unwritable(full, errno: errno, doing: "write") }
            offset += step
        }
        let digits = SHA256.hash(data: bytes).flatMap { [Self.digits[Int($0 >> 4)], Self.digits[Int($0 & 15)]] }
        let hex = String(decoding: digits, as: UTF8.self)
        written.withLock { $0.append(Entry(path: path, byteCount: bytes.count, sha256: hex)) }
    }

    func write(_ text: String, to path: String) throws(PhantomError) {
        try write(Array(text.utf8), to: path)
    }

    /// What was written so far, in the order of the paths.
    var entries: [Entry] {
        written.withLock { $0 }.sorted { $0.path < $1.path }
    }

    private static let digits = Array("0123456789abcdef".utf8)

    private static func makeFolders(_ path: String) throws(PhantomError) {
        var prefix = path.hasPrefix("/") ? "" : "."
        for part in path.split(separator: "/") {
            prefix += "/" + part
            if unsafe mkdir(prefix, 0o755) != 0, errno != EEXIST {
                throw .unwritable(path, errno: errno, doing: "make")
            }
        }
    }

    private static func isEmpty(_ path: String) throws(PhantomError) -> Bool {
        guard let folder = unsafe opendir(path) else { throw .unwritable(path, errno: errno, doing: "open") }
        defer { unsafe _ = closedir(folder) }
        while let entry = unsafe readdir(folder) {
            let isDot =
                unsafe entry.pointee.d_name.0 == 46
                && (entry.pointee.d_name.1 == 0 || (entry.pointee.d_name.1 == 46 && entry.pointee.d_name.2 == 0))
            if !isDot { return false }
        }
        return true
    }
}
