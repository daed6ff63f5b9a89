internal import CanonicalJSON
internal import Imaging

/// The samples of a fold as `slicehouse training-set bake` wrote them: arrays in order of sample number.
final class BakedFold: Sendable {
    private struct Shard {
        let first: Int
        let count: Int
        let image: ArrayFile
        let mask: ArrayFile?
    }

    /// Shards whose files stay open; where there are more, each sample opens its own.
    private static let openLimit = 64

    private let shards: [Shard]
    private let shape: SampleShape

    /// Opens the fold of a bake; nil where it was baked without it.
    ///
    /// - Parameters:
    ///   - verifies: Every file is compared with its SHA-256 before a sample is taken from it; otherwise those that are
    ///     newer than the manifest.
    ///   - known: Files for which that was done before.
    /// **Throws** `unusableSet` for files that are absent or of other sizes, and where samples are missing.
    init?(_ manifest: BakeManifest, table: FoldTable, verifies: Bool, known: ProvenFiles) throws {
        guard let listed = manifest.shards(of: table.fold) else { return nil }
        shape = table.shape
        shards = try Self.open(listed, of: manifest, table, verifies: verifies, known: known)
        let isWhole = shards.reduce(0) { $0 == $1.first ? $0 + $1.count : -1 } == table.samples.count
        guard isWhole, !table.hasMask || shards.allSatisfy({ $0.mask != nil }) else {
            throw StreamError.unusable(table.info.title, "its bake lacks samples of the fold; bake it again")
        }
    }

    private static func open(
        _ listed: [JSONValue], of manifest: BakeManifest, _ table: FoldTable, verifies: Bool, known: ProvenFiles
    ) throws -> [Shard] {
        let staysOpen = listed.count <= openLimit
        return try listed.compactMap { shard in
            guard let first = shard["first"]?.number.flatMap({ Int(exactly: $0) }),
                let count = shard["samples"]?.number.flatMap({ Int(exactly: $0) }),
                (0...table.samples.count).contains(count), let image = shard["image"]?.string
            else { return nil }
            let mask = table.hasMask ? shard["mask"]?.string : nil
            func file(_ name: String, _ byteCount: Int) throws -> ArrayFile {
                try ArrayFile(
                    path: manifest.folder + "/" + name, expecting: count * byteCount, staysOpen: staysOpen,
                    proof: manifest.proof(of: name, verifies: verifies, known: known))
            }
            return Shard(
                first: first, count: count, image: try file(image, table.shape.byteCount),
                mask: try mask.map { try file($0, table.shape.maskByteCount) })
        }
    }

    /// Copies sample `index` of the fold.
    ///
    /// **Throws** `corruptPixels` where its file changed since it was opened, or is not what was baked.
    func copy(
        _ index: Int, image: UnsafeMutableRawBufferPointer, mask: UnsafeMutableRawBufferPointer?
    ) throws(StreamError) {
        // Few shards, and the last one that begins at or before the sample has it.
        guard let shard = shards.last(where: { $0.first <= index }) else { return }
        try unsafe shard.image.read(index - shard.first, into: image)
        if let mask = unsafe mask, let source = shard.mask { try unsafe source.read(index - shard.first, into: mask) }
    }
}
