internal import Glibc

/// An array of a `.npy` file, mapped into memory.
///
/// **Source** NumPy Enhancement Proposal 1: magic `\x93NUMPY`, version, length of a header (a Python dictionary), entries.
// @unchecked: the mapping is only read and never changes.
@safe final class MappedArray: @unchecked Sendable {
    private let start: UnsafeMutableRawPointer
    private let fileByteCount: Int
    private let first: Int

    /// **Throws** `unusableSet` for a file that is absent, or no C-ordered array of so many bytes.
    init(path: String, expecting byteCount: Int) throws(StreamError) {
        let name = path.split(separator: "/").suffix(2).joined(separator: "/")
        func problem(_ reason: String) -> StreamError {
            StreamError(.unusableSet, "The baked file \(name) cannot be used: \(reason); bake the training set again.")
        }
        let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw problem("it cannot be opened") }
        defer { close(file) }
        var status = stat()
        guard unsafe fstat(file, &status) == 0, status.st_size > 10 else { throw problem("it is cut") }
        fileByteCount = Int(status.st_size)
        let memory = unsafe mmap(nil, fileByteCount, PROT_READ, MAP_SHARED, file, 0)
        guard let memory = unsafe memory, unsafe memory != MAP_FAILED else { throw problem("it cannot be mapped") }
        unsafe start = memory
        let head = unsafe UnsafeRawBufferPointer(start: memory, count: 10)
        let length = unsafe Int(head[8]) | Int(head[9]) << 8
        first = 10 + length
        let magic: [UInt8] = [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59, 1]
        guard unsafe head.starts(with: magic), first + byteCount == fileByteCount else {
            throw problem("it is no array of \(byteCount) bytes")
        }
        let header = unsafe String(
            decoding: UnsafeRawBufferPointer(start: memory + 10, count: length), as: UTF8.self)
        guard header.contains("'fortran_order': False") else { throw problem("it is not in C order") }
    }

    deinit { unsafe munmap(start, fileByteCount) }

    /// Entry `index` of so many bytes each.
    func entry(_ index: Int, byteCount: Int) -> UnsafeRawBufferPointer {
        precondition(index >= 0 && first + (index + 1) * byteCount <= fileByteCount, "the entry lies in the array")
        return unsafe UnsafeRawBufferPointer(start: start + first + index * byteCount, count: byteCount)
    }
}
