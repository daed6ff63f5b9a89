import Glibc

/// Where a table's bytes come from, piece by piece; closes its file with its last owner.
final class CSVByteSource {
    private enum Origin {
        case memory([UInt8], position: Int)
        case file(Int32)
    }

    private var origin: Origin

    init(bytes: [UInt8]) {
        origin = .memory(bytes, position: 0)
    }

    /// **Throws** `unreadable` with the system's reason; the path is not repeated.
    init(path: String) throws(TableError) {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Self.unreadable(errno) }
        origin = .file(descriptor)
    }

    deinit {
        if case .file(let descriptor) = origin { close(descriptor) }
    }

    /// Appends up to `count` bytes; fewer only at the end.
    ///
    /// **Returns** whether anything was left to read.
    func append(_ count: Int, to buffer: inout [UInt8]) throws(TableError) -> Bool {
        switch origin {
        case .memory(let bytes, let position):
            let end = min(position + count, bytes.count)
            buffer += bytes[position..<end]
            origin = .memory(bytes, position: end)
            return end > position
        case .file(let descriptor):
            let piece = try Self.read(count, from: descriptor)
            buffer += piece
            return !piece.isEmpty
        }
    }

    private static func read(_ count: Int, from descriptor: Int32) throws(TableError) -> [UInt8] {
        var failure: Int32 = 0
        let piece = unsafe [UInt8](unsafeUninitializedCapacity: count) { target, filled in
            while filled < count {
                let step = unsafe Glibc.read(descriptor, target.baseAddress.map { unsafe $0 + filled }, count - filled)
                if step < 0, errno == EINTR { continue }
                if step < 0 { failure = errno }
                if step <= 0 { break }
                filled += step
            }
        }
        guard failure == 0 else { throw unreadable(failure) }
        return piece
    }

    private static func unreadable(_ code: Int32) -> TableError {
        let text = unsafe strerror(code).map { unsafe String(cString: $0) } ?? "error \(code)"
        return .csv(.unreadable, "the system says \"\(text)\"")
    }
}
