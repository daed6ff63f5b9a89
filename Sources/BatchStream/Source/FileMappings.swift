internal import Glibc

/// The baked files that a training set has mapped, kept from epoch to epoch.
final class FileMappings: Sendable {
    private let mappings = Monitor<[String: FileMapping]>([:])
    private let byteLimit: Int

    /// - Parameter byteLimit: Of all files together. By default half of the memory of the machine, or of the container:
    ///   pages that are given up for others would have to be fetched one by one.
    init(byteLimit: Int = FileMappings.memory / 2) {
        self.byteLimit = byteLimit
    }

    /// What the machine or, where that is less, the container may use. **Units** bytes
    private static var memory: Int {
        let machine = Int(sysconf(Int32(_SC_PHYS_PAGES))) * Int(sysconf(Int32(_SC_PAGESIZE)))
        guard let file = unsafe fopen("/sys/fs/cgroup/memory.max", "r") else { return machine }
        defer { unsafe fclose(file) }
        var text = [UInt8](repeating: 0, count: 32)
        let count = unsafe fread(&text, 1, text.count, file)
        let digits = text.prefix(count).prefix { (0x30...0x39).contains($0) }
        return min(machine, Int(String(decoding: digits, as: UTF8.self)) ?? machine)
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
