import Glibc

/// A new file that is written from start to end; an existing one is replaced.
final class OutputFile {
    private var descriptor: Int32
    private let format: ImageFileError.Format

    init(path: String, format: ImageFileError.Format) throws(ImageFileError) {
        self.format = format
        descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw failure(errno) }
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    func write(_ bytes: [UInt8]) throws(ImageFileError) {
        var written = 0
        while written < bytes.count {
            let step = unsafe bytes.withUnsafeBytes { source in
                unsafe Glibc.write(descriptor, source.baseAddress.map { unsafe $0 + written }, bytes.count - written)
            }
            if step < 0, errno == EINTR { continue }
            guard step > 0 else { throw failure(errno) }
            written += step
        }
    }

    /// Closes, so that a full disk or a lost server is noticed here and not in silence.
    func finish() throws(ImageFileError) {
        let closing = descriptor
        descriptor = -1
        guard close(closing) == 0 else { throw failure(errno) }
    }

    private func failure(_ code: Int32) -> ImageFileError { .unwritable(errno: code, format: format) }
}

extension ImageFileError {
    /// What the system says of a file or folder that cannot be written.
    static func unwritable(errno code: Int32, format: Format) -> ImageFileError {
        let text = unsafe strerror(code).map { unsafe String(cString: $0) } ?? "error \(code)"
        return ImageFileError(code: .unwritable, format: format, reason: "the system says \"\(text)\"")
    }
}
