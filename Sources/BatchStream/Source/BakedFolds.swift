internal import CanonicalJSON
internal import Imaging

/// The samples of folds as `slicehouse training-set bake` wrote them: of each fold, arrays in order of sample number.
final class BakedFolds: Sendable {
    private struct Shard {
        let first: Int
        let count: Int
        let image: ArrayFile
        let mask: ArrayFile?
    }

    /// Shards whose files stay open; where there are more, each sample opens its own.
    private static let openLimit = 64

    /// By fold of the table.
    private let shards: [[Shard]]
    private let table: FoldTable

    /// Opens the folds of a bake; nil where it was baked without one of them, or they are empty.
    ///
    /// - Parameters:
    ///   - verifies: Every file is compared with its SHA-256 before a sample is taken from it; otherwise those that are
    ///     newer than the manifest.
    ///   - known: Files for which that was done before.
    ///   - mappings: Files that stay mapped.
    /// **Throws** `unusableSet` for files that are absent or of other sizes, and where samples are missing.
    init?(
        _ manifest: BakeManifest, table: FoldTable, verifies: Bool, known: ProvenFiles, mappings: FileMappings
    ) throws {
        self.table = table
        let counts = table.samples.reduce(into: [Int](repeating: 0, count: table.folds.count)) { $0[$1.fold] += 1 }
        let shardCount = table.folds.reduce(0) { $0 + (manifest.shards(of: $1)?.count ?? 0) }
        let proof = { (name: String) in try manifest.proof(of: name, verifies: verifies, known: known) }
        var shards: [[Shard]] = []
        for (name, count) in zip(table.folds, counts) {
            guard count > 0 else {
                shards.append([])
                continue
            }
            guard let listed = manifest.shards(of: name) else { return nil }
            let own = try Self.open(
                listed, in: manifest.folder, table, mappings, staysOpen: shardCount <= Self.openLimit, proof: proof)
            let isWhole = own.reduce(0) { $0 == $1.first ? $0 + $1.count : -1 } == count
            guard isWhole, !table.hasMask || own.allSatisfy({ $0.mask != nil }) else {
                throw StreamError.unusable(table.info.title, "its bake lacks samples of fold \(name); bake it again")
            }
            shards.append(own)
        }
        guard !table.samples.isEmpty else { return nil }
        self.shards = shards
    }

    private static func open(
        _ listed: [JSONValue], in folder: String, _ table: FoldTable, _ mappings: FileMappings, staysOpen: Bool,
        proof: @escaping (String) throws -> FileProof?
    ) throws -> [Shard] {
        try listed.compactMap { shard in
            guard let first = shard["first"]?.number.flatMap({ Int(exactly: $0) }),
                let count = shard["samples"]?.number.flatMap({ Int(exactly: $0) }),
                (0...table.samples.count).contains(count), let image = shard["image"]?.string
            else { return nil }
            let mask = table.hasMask ? shard["mask"]?.string : nil
            func file(_ name: String, _ byteCount: Int) throws -> ArrayFile {
                try ArrayFile(
                    path: folder + "/" + name, expecting: count * byteCount, mappings: mappings,
                    staysOpen: staysOpen, proof: try proof(name))
            }
            return Shard(
                first: first, count: count, image: try file(image, table.shape.byteCount),
                mask: try mask.map { try file($0, table.shape.maskByteCount) })
        }
    }

    /// Copies sample `index` of the table.
    ///
    /// **Throws** `corruptPixels` where its file changed since it was opened, or is not what was baked.
    func copy(
        _ index: Int, image: UnsafeMutableRawBufferPointer, mask: UnsafeMutableRawBufferPointer?
    ) throws(StreamError) {
        let sample = table.samples[index]
        let place = sample.placeInFold
        // Few shards, and the last one that begins at or before the sample has it.
        guard let shard = shards[sample.fold].last(where: { $0.first <= place }) else { return }
        try unsafe shard.image.read(place - shard.first, into: image)
        if let mask = unsafe mask, let source = shard.mask { try unsafe source.read(place - shard.first, into: mask) }
    }
}
