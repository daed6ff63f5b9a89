internal import Crypto
internal import Glibc

/// Reads files whole or in part, into memory that is not cleared first.
enum FileBytes {
    /// A file that cannot be opened or read, as a rejection says it.
    struct Failure: Error {
        let code: String
        let reason: String
        let byteOffset: Int64?
    }

    /// A file that is read whole may have this many bytes: half of the machine's memory, since what is decoded from it
    /// has to fit too.
    static let wholeByteLimit: Int = max(1, sysconf(Int32(_SC_PHYS_PAGES)) / 2) * max(1, sysconf(Int32(_SC_PAGESIZE)))

    /// The whole file, or its first `limit` bytes.
    ///
    /// **Throws** `unreadable`, `truncated`; `too_large` for a whole file that memory cannot hold.
    static func read(_ path: String, limit: Int? = nil) throws(Failure) -> [UInt8] {
        let (descriptor, size) = try open(path, isWhole: limit == nil)
        defer { close(descriptor) }
        let wanted = min(size, limit ?? Int.max)
        var problem: Failure?
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: wanted) { buffer, count in
            while count < wanted {
                guard let base = buffer.baseAddress else { return }
                let got = unsafe pread(descriptor, base + count, wanted - count, off_t(count))
                if got > 0 { count += got; continue }
                if got < 0, errno == EINTR { continue }
                if got < 0 { problem = failure("cannot be read") }
                return
            }
        }
        if let problem { throw problem }
        if bytes.count < wanted { throw shortened(at: bytes.count) }
        return bytes
    }

    /// SHA-256 of the whole file, read in pieces.
    ///
    /// **Throws** as `read` does: a file that could not be stored is not worth a digest.
    static func digest(_ path: String) throws(Failure) -> [UInt8] {
        let (descriptor, size) = try open(path, isWhole: true)
        defer { close(descriptor) }
        var hash = SHA256()
        var piece = [UInt8](repeating: 0, count: min(max(size, 1), 1 << 20))
        var position = 0
        while position < size {
            let got = unsafe piece.withUnsafeMutableBytes {
                unsafe pread(descriptor, $0.baseAddress, $0.count, off_t(position))
            }
            if got < 0, errno == EINTR { continue }
            if got < 0 { throw failure("cannot be read") }
            if got == 0 { throw shortened(at: position) }
            hash.update(data: piece[..<got])
            position += got
        }
        return Array(hash.finalize())
    }

    private static func open(_ path: String, isWhole: Bool) throws(Failure) -> (descriptor: Int32, size: Int) {
        let descriptor = unsafe Glibc.open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("cannot be opened") }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else {
            let problem = failure("cannot be looked at")
            close(descriptor)
            throw problem
        }
        let size = Int(status.st_size)
        guard !isWhole || size <= wholeByteLimit else {
            close(descriptor)
            throw tooLarge(size)
        }
        return (descriptor, size)
    }
    /// Whether there is a file that can be read.
    static func exists(_ path: String) -> Bool { unsafe access(path, R_OK) == 0 }

    private static func failure(_ what: String) -> Failure {
        Failure(code: RejectionCode.unreadable, reason: "it \(what) (\(SystemProblem().text))", byteOffset: nil)
    }

    /// A file that became shorter between two looks at it.
    static func shortened(at end: Int) -> Failure {
        Failure(
            code: "truncated", reason: "it became shorter while it was read; copy it again and run the command again",
            byteOffset: Int64(end))
    }

    private static func tooLarge(_ size: Int) -> Failure {
        Failure(
            code: RejectionCode.tooLarge,
            reason: "it has \(size) bytes and is read whole; this machine takes files up to \(wholeByteLimit) bytes",
            byteOffset: nil)
    }
}

/// Codes of rejections that more than one place names.
enum RejectionCode {
    static let unreadable = "unreadable"
    static let tooLarge = "too_large"
    static let refusedByDatabase = "refused_by_database"
    /// Of a file whose other frames are stored.
    static let framesMissing = "frames_missing"

    /// Troubles that pass: they say nothing about the file itself, so the next run tries again.
    static let passing = [unreadable, "unreadable_folder", tooLarge]
}
