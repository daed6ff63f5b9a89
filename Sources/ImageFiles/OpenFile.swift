import Glibc

/// A file open for positioned reads; closes with its last owner.
///
/// Two threads may read at once: `pread` has no shared position.
final class OpenFile: Sendable {
    let byteCount: Int
    private let descriptor: Int32
    private let format: ImageFileError.Format

    /// **Throws** `unreadable` with the system's reason; the path is not repeated.
    init(path: String, format: ImageFileError.Format) throws(ImageFileError) {
        let opened = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard opened >= 0 else { throw Self.unreadable(format, errno) }
        var status = stat()
        guard unsafe fstat(opened, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            let reason = errno
            close(opened)
            throw Self.unreadable(format, status.st_mode & S_IFMT == S_IFDIR ? EISDIR : reason)
        }
        descriptor = opened
        byteCount = Int(status.st_size)
        self.format = format
    }

    deinit { close(descriptor) }

    /// Exactly `count` bytes from `offset`, fewer only where the file ends.
    func read(at offset: Int, count: Int) throws(ImageFileError) -> [UInt8] {
        var failure: Int32 = 0
        let wanted = max(0, min(count, byteCount - offset))
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: wanted) { target, filled in
            while filled < wanted {
                let step = unsafe pread(
                    descriptor, target.baseAddress.map { unsafe $0 + filled }, wanted - filled, off_t(offset + filled))
                if step < 0, errno == EINTR { continue }
                if step < 0 { failure = errno }
                if step <= 0 { break }
                filled += step
            }
        }
        guard failure == 0 else { throw Self.unreadable(format, failure) }
        return bytes
    }

    private static func unreadable(_ format: ImageFileError.Format, _ code: Int32) -> ImageFileError {
        let text = unsafe strerror(code).map { unsafe String(cString: $0) } ?? "error \(code)"
        return ImageFileError(code: .unreadable, format: format, reason: "the system says \"\(text)\"")
    }
}
