internal import Glibc

/// The baked files that a training set has mapped, kept from epoch to epoch.
final class FileMappings: Sendable {
    private let mappings = Monitor<[String: FileMapping]>([:])
    private let byteLimit: Int

    /// - Parameter byteLimit: Of all files together. By default half of the memory of the machine: pages that are given
    ///   up for others would have to be fetched one by one.
    init(byteLimit: Int = sysconf(Int32(_SC_PHYS_PAGES)) / 2 * sysconf(Int32(_SC_PAGESIZE))) {
        self.byteLimit = byteLimit
    }

    /// The mapping of an open file, as it is now; nil where the limit is reached or the system refuses.
    func mapping(of descriptor: Int32, _ path: String, byteCount: Int) -> FileMapping? {
        guard let stamp = FileStamp(descriptor: descriptor) else { return nil }
        return mappings.change { mappings in
            if let known = mappings[path], known.stamp == stamp { return known }
            mappings[path] = nil
            guard mappings.values.reduce(byteCount, { $0 + $1.byteCount }) <= byteLimit else { return nil }
            mappings[path] = FileMapping(descriptor: descriptor, stamp: stamp, byteCount: byteCount)
            return mappings[path]
        }
    }

    /// Lets go of files that were written anew, replaced or deleted since: their room on the disk would stay taken.
    func dropStale() {
        mappings.change { mappings in
            mappings = mappings.filter { FileStamp(path: $0.key) == $0.value.stamp }
        }
    }
}
