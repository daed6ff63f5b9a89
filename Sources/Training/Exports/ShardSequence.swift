internal import CanonicalJSON

/// The files of a fold, each of so many samples, written one after the other.
final class ShardSequence {
    private let folder: ExportFolder
    private let size: Int
    private var count = 0
    private var file: ExportFile?
    private var name = ""
    /// Name, samples and bytes of the shards that are whole.
    private(set) var shards: [(path: String, samples: Int, byteCount: Int)] = []

    /// - Parameter size: Samples of a shard.
    init(_ folder: ExportFolder, size: Int) {
        self.folder = folder
        self.size = size
    }

    /// - Parameter count: Samples of the fold.
    func begin(count: Int) {
        self.count = count
        shards = []
    }

    func shardCount() -> Int { max(1, (count + size - 1) / size) }

    /// Writes a sample; the first of a shard opens its file, the last one ends it.
    ///
    /// - Parameters:
    ///   - index: Place in the fold.
    ///   - path: Of a shard by its number.
    ///   - opening: What stands before the samples with these places.
    ///   - ending: What stands behind the last sample of a shard.
    /// Returns the file that the sample is in.
    func write(
        _ bytes: [UInt8], at index: Int, path: (Int) -> String,
        opening: (Range<Int>) throws -> [UInt8] = { _ in [] }, ending: [UInt8] = []
    ) throws -> String {
        if index % size == 0 {
            name = path(index / size)
            file = try folder.open(name)
            try file?.write(opening(index..<min(index + size, count)))
        }
        try file?.write(bytes)
        if index == count - 1 || (index + 1) % size == 0 {
            try file?.write(ending)
            try file?.finish()
            shards.append((name, index % size + 1, file?.byteCount ?? 0))
            file = nil
        }
        return name
    }

    /// What the manifest says of the fold.
    var members: [String: JSONValue] {
        ["shards": .array(shards.map { ["path": .string($0.path), "samples": .integer($0.samples)] })]
    }
}
