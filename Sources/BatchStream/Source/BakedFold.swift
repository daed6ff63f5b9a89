internal import CanonicalJSON
internal import Glibc
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

    /// Opens the fold of a bake, whose manifest must carry the digest of the set; nil where it was baked without it.
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
        guard let fold = manifest["folds"]?[table.fold] else { return nil }
        shape = table.shape
        shards = try Self.open(fold["shards"]?.array ?? [], in: folder, table)
        let isWhole = shards.reduce(0) { $0 == $1.first ? $0 + $1.count : -1 } == table.samples.count
        guard isWhole, !table.hasMask || shards.allSatisfy({ $0.mask != nil }) else {
            throw StreamError.unusable(table.info.title, "its bake lacks samples of the fold; bake it again")
        }
    }

    private static func open(_ listed: [JSONValue], in folder: String, _ table: FoldTable) throws -> [Shard] {
        let staysOpen = listed.count <= openLimit
        return try listed.compactMap { shard in
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

    /// Copies sample `index` of the fold.
    ///
    /// **Throws** `corruptPixels` where its file changed since it was opened.
    func copy(
        _ index: Int, image: UnsafeMutableRawBufferPointer, mask: UnsafeMutableRawBufferPointer?
    ) throws(StreamError) {
        // Few shards, and the last one that begins at or before the sample has it.
        guard let shard = shards.last(where: { $0.first <= index }) else { return }
        try unsafe shard.image.read(index - shard.first, into: image)
        if let mask = unsafe mask, let source = shard.mask { try unsafe source.read(index - shard.first, into: mask) }
    }
}
