internal import Glibc

/// An array of a `.npy` file, read entry by entry from where it lies.
///
/// Read, not mapped: an epoch touches each page once, so that mapping costs more than it saves (a page fault for each 64
/// KiB, and all again in the next epoch), and a file that is cut while it is read is an error instead of a signal.
///
/// **Source** NumPy Enhancement Proposal 1: magic `\x93NUMPY`, version, length of a header (a Python dictionary), entries.
final class ArrayFile: Sendable {
    private let name: String
    private let descriptor: Int32
    private let first: Int

    /// **Throws** `unusableSet` for a file that is absent, or no C-ordered array of so many bytes.
    init(path: String, expecting byteCount: Int) throws(StreamError) {
        name = path.split(separator: "/").suffix(2).joined(separator: "/")
        descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Self.problem(name, "it cannot be opened") }
        // The header's length is at most 65,535 bytes.
        var head = [UInt8](repeating: 0, count: 10 + 65_535)
        let headCount = unsafe max(0, pread(descriptor, &head, head.count, 0))
        first = 10 + (Int(head[8]) | Int(head[9]) << 8)
        var status = stat()
        let magic: [UInt8] = [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59, 1]
        guard headCount >= first, head.starts(with: magic), unsafe fstat(descriptor, &status) == 0,
            Int(status.st_size) == first + byteCount
        else { throw Self.problem(name, "it is no array of \(byteCount) bytes") }
        guard String(decoding: head[10..<first], as: UTF8.self).contains("'fortran_order': False") else {
            throw Self.problem(name, "it is not in C order")
        }
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    /// Reads entry `index`, of as many bytes as `target` has.
    ///
    /// **Throws** `corruptPixels` where the file ends before it, or the disk fails.
    func read(_ index: Int, into target: UnsafeMutableRawBufferPointer) throws(StreamError) {
        let start = first + index * target.count
        var done = 0
        while done < target.count {
            let count = unsafe pread(
                descriptor, target.baseAddress.map { unsafe $0 + done }, target.count - done, off_t(start + done))
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                throw StreamError(
                    .corruptPixels,
                    "The baked file \(name) changed while it was read; bake the training set again.")
            }
            done += count
        }
    }

    private static func problem(_ name: String, _ reason: String) -> StreamError {
        StreamError(.unusableSet, "The baked file \(name) cannot be used: \(reason); bake the training set again.")
    }
}
