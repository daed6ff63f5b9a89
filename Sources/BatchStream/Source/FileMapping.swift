internal import Glibc

/// A baked file in the memory of the process, for the epochs after its first.
///
/// A first reading comes from `pread`: it touches each page once, and mapping them costs more than it saves. Later ones
/// are copied from pages that stay mapped, which is nearly twice as fast.
///
/// A page that the file does not have, or the disk does not give, would end the process with a signal. So before each
/// entry its pages are brought in by a call that tells (`MADV_POPULATE_READ`), and the size of the file is looked at.
/// Who cuts a file within the microseconds from there to the end of the copy still ends the process.
// @unchecked: the memory is only read.
@safe final class FileMapping: @unchecked Sendable {
    let stamp: FileStamp
    let byteCount: Int
    private let start: UnsafeRawPointer
    /// Entries that were wanted before.
    private let entries = Monitor<Set<Int>>([])

    /// Nil where the system does not map it.
    init?(descriptor: Int32, stamp: FileStamp, byteCount: Int) {
        let memory = unsafe mmap(nil, byteCount, PROT_READ, MAP_SHARED, descriptor, 0)
        guard byteCount > 0, let memory = unsafe memory, unsafe memory != MAP_FAILED else { return nil }
        self.stamp = stamp
        self.byteCount = byteCount
        unsafe start = UnsafeRawPointer(memory)
    }

    deinit { unsafe munmap(UnsafeMutableRawPointer(mutating: start), byteCount) }

    /// Copies the bytes of the file from `offset` on.
    ///
    /// - Returns: Whether it did; otherwise they are to be read.
    func copy(from offset: Int, into target: UnsafeMutableRawBufferPointer, of descriptor: Int32) -> Bool {
        guard offset >= 0, offset + target.count <= byteCount, isReady(offset, target.count) else { return false }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0, Int(status.st_size) == byteCount else { return false }
        unsafe target.copyMemory(from: UnsafeRawBufferPointer(start: start + offset, count: target.count))
        return true
    }

    /// Whether the pages of an entry are in memory, where they are brought when it is wanted again: the kernel may have
    /// given them up since.
    private func isReady(_ offset: Int, _ count: Int) -> Bool {
        let isFirst = entries.change { $0.insert(offset).inserted }
        return !isFirst && populate(offset, count)
    }

    /// False for kernels before Linux 5.14, and for pages that cannot be read.
    private func populate(_ offset: Int, _ count: Int) -> Bool {
        let first = offset / Self.pageSize * Self.pageSize
        let memory = unsafe UnsafeMutableRawPointer(mutating: start + first)
        return unsafe madvise(memory, offset + count - first, Self.populateRead) == 0
    }

    private static let pageSize = Int(sysconf(Int32(_SC_PAGESIZE)))

    /// `MADV_POPULATE_READ`, which the headers of glibc 2.36 have and Swift's module of them may not.
    private static let populateRead: Int32 = 22
}
