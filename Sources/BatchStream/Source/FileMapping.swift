internal import CFileSystem
internal import CGuardedCopy
internal import Glibc

/// A baked file in the memory of the process, for the epochs after its first.
///
/// A first reading comes from `pread`: it touches each page once, and mapping them costs more than it saves. Later ones
/// are copied from pages that stay mapped, which is up to half as fast again.
///
/// A page that the file has no more, or that the disk does not give, is a signal there, and no error. Copies are guarded
/// against it, and what cannot be copied is read, which says why. Files of other machines (NFS, FUSE) are not mapped.
// @unchecked: the memory is only read.
@safe final class FileMapping: @unchecked Sendable {
    let stamp: FileStamp
    let byteCount: Int
    private let start: UnsafeRawPointer
    private let readings = Monitor<[Int: Reading]>([:])

    private enum Reading { case once, populated, refused }

    /// Nil where the system does not map it, and for files that do not lie on a disk of this machine.
    init?(descriptor: Int32, stamp: FileStamp, byteCount: Int) {
        guard cfilesystem_is_local(descriptor) else { return nil }
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
        guard let base = target.baseAddress, offset >= 0, offset + target.count <= byteCount,
            isReady(offset, target.count), unsafe guarded_copy(base, start + offset, target.count)
        else { return false }
        // The rest of the last page of a file that was cut is zeros, and no fault.
        var status = stat()
        return unsafe fstat(descriptor, &status) == 0 && Int(status.st_size) == byteCount
    }

    /// Whether the pages of an entry are in memory: brought in when it is wanted for the second time.
    private func isReady(_ offset: Int, _ count: Int) -> Bool {
        let known = readings.change { readings in
            let known = readings[offset]
            if known == nil { readings[offset] = .once }
            return known
        }
        guard known == .once else { return known == .populated }
        let isPopulated = populate(offset, count)
        readings.change { $0[offset] = isPopulated ? .populated : .refused }
        return isPopulated
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
