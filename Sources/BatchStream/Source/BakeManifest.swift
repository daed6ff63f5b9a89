internal import CanonicalJSON
internal import Glibc

/// `manifest.json` of a bake: which set it is of, and what its files were when it was written, as the last of them.
///
/// **Format** docs/formats.md, "Bakes".
struct BakeManifest {
    let folder: String
    private let members: JSONValue
    private let stamp: FileStamp
    /// SHA-256 in hexadecimal, by path within the folder.
    private let digests: [String: String]

    /// **Throws** `notFound` for a folder that holds no bake, `unusableSet` for that of another set.
    init(folder: String, of set: TrainingSetInfo) throws(StreamError) {
        let path = folder + "/manifest.json"
        guard let stamp = FileStamp(path: path), let text = Self.contents(path),
            let members = try? JSONValue(parsing: text), members["format"]?.string == "slicehouse-baked-1"
        else {
            throw StreamError(
                .notFound, "There is no bake in the folder that was named; slicehouse training-set bake makes one.")
        }
        let digest = set.digest.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        guard members["digest"]?.string == digest else {
            throw StreamError.unusable(
                set.title,
                "the bake that was named is of \(members["training_set"]?.string ?? "another set"); bake it again")
        }
        self.folder = folder
        self.members = members
        self.stamp = stamp
        var digests: [String: String] = [:]
        for file in members["files"]?.array ?? [] {
            if let name = file["path"]?.string { digests[name] = file["sha256"]?.string }
        }
        self.digests = digests
    }

    /// Nil where the fold was not baked.
    func shards(of fold: String) -> [JSONValue]? { members["folds"]?[fold].map { $0["shards"]?.array ?? [] } }

    /// What a file has to show before samples are taken from it; nil where its size is enough.
    ///
    /// The manifest is written last: a file that is newer was touched since, and is compared with its SHA-256, as every
    /// file is where that is asked for.
    ///
    /// **Throws** `unusableSet` where the manifest has no SHA-256 to compare with.
    func proof(of name: String, verifies: Bool, known: ProvenFiles) throws(StreamError) -> FileProof? {
        guard let file = FileStamp(path: folder + "/" + name) else { return nil }
        guard verifies || file.isNewer(than: stamp) else { return nil }
        guard let digest = digests[name] else {
            throw StreamError(
                .unusableSet,
                "The baked file \(name) cannot be used: its manifest has no SHA-256 of it; bake the training set "
                    + "again.")
        }
        return FileProof(sha256: digest, known: known)
    }

    private static func contents(_ path: String) -> String? {
        guard let file = unsafe fopen(path, "r") else { return nil }
        defer { unsafe fclose(file) }
        var text: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 65_536)
        while case let count = unsafe fread(&block, 1, block.count, file), count > 0 { text += block.prefix(count) }
        return String(decoding: text, as: UTF8.self)
    }
}
