internal import Glibc

/// Bytes in memory, or in a scratch file where they would be too many.
///
/// The scratch file lies in `TMPDIR`, is readable by its owner alone, and has no name from the start: it is gone with the
/// process, however that ends.
///
/// Threads may read and write at once as long as what they touch does not overlap; that is why it may be shared.
@safe
final class RawStorage: @unchecked Sendable {
    @safe
    private enum Place {
        case memory(UnsafeMutableRawPointer)
        case file(Int32)
    }

    let byteCount: Int
    private let place: Place

    var isInMemory: Bool {
        if case .memory = place { true } else { false }
    }

    /// **Throws** `inputOutput` where no scratch file can be made.
    init(byteCount: Int, inMemory: Bool, environment: [String: String]) throws {
        self.byteCount = byteCount
        guard !inMemory else {
            unsafe place = .memory(UnsafeMutableRawPointer.allocate(byteCount: max(1, byteCount), alignment: 64))
            return
        }
        let folder = environment["TMPDIR"] ?? "/tmp"
        let path = "\(folder)/slicehouse-scratch-\(getpid())-\(UInt64.random(in: 0...UInt64.max))"
        let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw AnalysisError(
                .inputOutput, folder, "no scratch file can be made here; set TMPDIR or allow more --memory")
        }
        unsafe unlink(path)
        place = .file(descriptor)
    }

    deinit {
        switch place {
        case .memory(let base): unsafe base.deallocate()
        case .file(let descriptor): close(descriptor)
        }
    }

    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws {
        precondition(offset >= 0 && offset + bytes.count <= byteCount, "beyond the end of the storage")
        guard let source = bytes.baseAddress else { return }
        switch place {
        case .memory(let base): unsafe (base + offset).copyMemory(from: source, byteCount: bytes.count)
        case .file(let descriptor):
            var done = 0
            while done < bytes.count {
                let count = unsafe pwrite(descriptor, source + done, bytes.count - done, offset + done)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else {
                    throw AnalysisError(
                        .inputOutput, "scratch file", "it cannot be written; make room in TMPDIR or allow more --memory"
                    )
                }
                done += count
            }
        }
    }

    /// Lends bytes: in place where they are in memory, else a copy.
    func withBytes<R>(_ range: Range<Int>, _ body: (UnsafeRawBufferPointer) throws -> R) throws -> R {
        precondition(range.lowerBound >= 0 && range.upperBound <= byteCount, "beyond the end of the storage")
        switch place {
        case .memory(let base):
            return unsafe try body(UnsafeRawBufferPointer(start: base + range.lowerBound, count: range.count))
        case .file(let descriptor):
            return try unsafe withUnsafeTemporaryAllocation(byteCount: max(1, range.count), alignment: 16) { buffer in
                var done = 0
                while done < range.count {
                    let count = unsafe pread(
                        descriptor, buffer.baseAddress.map { unsafe $0 + done }, range.count - done,
                        range.lowerBound + done)
                    if count < 0, errno == EINTR { continue }
                    guard count > 0 else {
                        throw AnalysisError(.inputOutput, "scratch file", "it cannot be read back; check TMPDIR")
                    }
                    done += count
                }
                return unsafe try body(UnsafeRawBufferPointer(rebasing: buffer[0..<range.count]))
            }
        }
    }
}
