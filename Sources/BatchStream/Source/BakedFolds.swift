internal import CanonicalJSON
internal import Glibc
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

    /// Opens the folds of a bake, whose manifest must carry the digest of the set; nil where it was baked without one
    /// of them, or they are empty.
    ///
    /// **Throws** `unusableSet` for a folder that holds no bake, that of another set, or files of other sizes.
    init?(folder: String, table: FoldTable) throws {
        let manifest = try Self.manifest(folder)
        let digest = table.info.digest.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        guard manifest["digest"]?.string == digest else {
            throw StreamError.unusable(
                table.info.title,
                "the bake that was named is of \(manifest["training_set"]?.string ?? "another set"); bake it again")
        }
        self.table = table
        let counts = table.samples.reduce(into: [Int](repeating: 0, count: table.folds.count)) { $0[$1.fold] += 1 }
        let baked = manifest["folds"]
        let shardCount = table.folds.reduce(0) { $0 + (baked?[$1]?["shards"]?.array?.count ?? 0) }
        var shards: [[Shard]] = []
        for (name, count) in zip(table.folds, counts) {
            guard count > 0 else {
                shards.append([])
                continue
            }
            guard let fold = baked?[name] else { return nil }
            let own = try Self.open(
                fold["shards"]?.array ?? [], in: folder, table, staysOpen: shardCount <= Self.openLimit)
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
        _ listed: [JSONValue], in folder: String, _ table: FoldTable, staysOpen: Bool
    ) throws -> [Shard] {
        try listed.compactMap { shard in
            guard let first = shard["first"]?.number.flatMap({ Int(exactly: $0) }),
                let count = shard["samples"]?.number.flatMap({ Int(exactly: $0) }),
                (0...table.samples.count).contains(count), let image = shard["image"]?.string
            else { return nil }
            let mask = table.hasMask ? shard["mask"]?.string : nil
            func file(_ name: String, _ byteCount: Int) throws -> ArrayFile {
                try ArrayFile(path: folder + "/" + name, expecting: count * byteCount, staysOpen: staysOpen)
            }
            return Shard(
                first: first, count: count, image: try file(image, table.shape.byteCount),
                mask: try mask.map { try file($0, table.shape.maskByteCount) })
        }
    }

    private static func manifest(_ folder: String) throws -> JSONValue {
        let problem = StreamError(
            .notFound, "There is no bake in the folder that was named; slicehouse training-set bake makes one.")
        let path = folder + "/manifest.json"
        guard let file = unsafe fopen(path, "r") else { throw problem }
        defer { unsafe fclose(file) }
        var text: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 65_536)
        while case let count = unsafe fread(&block, 1, block.count, file), count > 0 { text += block.prefix(count) }
        guard let manifest = try? JSONValue(parsing: String(decoding: text, as: UTF8.self)),
            manifest["format"]?.string == "slicehouse-baked-1"
        else { throw problem }
        return manifest
    }

    /// Copies sample `index` of the table.
    ///
    /// **Throws** `corruptPixels` where its file changed since it was opened.
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
