internal import Glibc

/// Reads files whole or in part, into memory that is not cleared first.
enum FileBytes {
    /// A file that cannot be opened or read, as a rejection says it.
    struct Failure: Error {
        let code: String
        let reason: String
        let byteOffset: Int64?
    }

    /// The whole file, or its first `limit` bytes.
    static func read(_ path: String, limit: Int? = nil) throws(Failure) -> [UInt8] {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("cannot be opened") }
        defer { close(descriptor) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw failure("cannot be looked at") }
        let size = min(Int(status.st_size), limit ?? Int.max)
        var problem: Failure?
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            while count < size {
                guard let base = buffer.baseAddress else { return }
                let got = unsafe pread(descriptor, base + count, size - count, off_t(count))
                if got > 0 { count += got; continue }
                if got < 0, errno == EINTR { continue }
                if got < 0 { problem = failure("cannot be read") }
                return
            }
        }
        if let problem { throw problem }
        if bytes.count < size {
            throw Failure(
                code: "truncated", reason: "it became shorter while it was read", byteOffset: Int64(bytes.count))
        }
        return bytes
    }

    /// Whether there is a file that can be read.
    static func exists(_ path: String) -> Bool { unsafe access(path, R_OK) == 0 }

    private static func failure(_ what: String) -> Failure {
        Failure(code: "unreadable", reason: "it \(what) (\(SystemProblem().text))", byteOffset: nil)
    }
}
