internal import CanonicalJSON
internal import Foundation
package import Warehouse

/// Bakes a training set: its samples as arrays that a stream copies from, in order of sample number.
package struct TrainingSetBake: Sendable {
    package static let format = "slicehouse-baked-1"

    /// Whether a folder holds the bake of a set.
    package enum State: Sendable, Hashable {
        /// Nothing is there.
        case absent
        /// It is the bake of this set; every file has its size, and its SHA-256 where it was read.
        case current
        /// As ``current``, but without these folds, which are asked for and have samples.
        case lacking([String])
        /// Baked from another version of this set, or a file is damaged.
        case stale(String)
        /// Something else that was exported or baked, such as from a set of another name.
        case foreign(String)
    }

    private let set: StoredTrainingSet

    package init(_ set: StoredTrainingSet) { self.set = set }

    /// Looks whether the files are there and have their sizes, and reads those that are newer than the manifest, which
    /// was written last. A bake that is whole is compared with the warehouse: what it was made of must be there still.
    ///
    /// - Parameters:
    ///   - verifying: Read every file and compare its SHA-256.
    ///   - folds: That are asked for, as ``TrainingSetExport/Options/folds`` names them.
    /// **Throws** `notFound` for a fold that the split does not have; `changed` and `incomplete` where slices or masks
    /// of the folds are no longer what was frozen.
    package func state(
        of path: String, verifying: Bool, folds: [String], on connection: any WarehouseConnection
    ) async throws -> State {
        let state = try stateOfFiles(below: path, verifying: verifying)
        guard state == .current else { return state }
        let filled = try await set.filledFolds(among: folds, on: connection)
        let reader = try SampleReader(set)
        for fold in filled.sorted() {
            try await reader.compare(try await reader.samples(of: [fold], on: connection), on: connection)
        }
        let missing = filled.subtracting(bakedFolds(below: path))
        return missing.isEmpty ? .current : .lacking(missing.sorted())
    }

    /// The folds that a bake of this very set holds; none where something else stands there.
    private func bakedFolds(below path: String) -> Set<String> {
        guard let manifest = Self.manifest(below: path), manifest["digest"]?.string == FileDigest.hex(set.digest),
            case .object(let folds)? = manifest["folds"]
        else { return [] }
        return Set(folds.keys)
    }

    /// What to bake so that a folder loses no fold that it has: these folds with those of the bake that stands there.
    package func union(of folds: [String], with path: String) -> [String] {
        folds.isEmpty ? [] : folds + bakedFolds(below: path).intersection(set.folds).sorted()
    }

    /// Nil for what is no bake.
    private static func manifest(below path: String) -> JSONValue? {
        guard let data = FileManager.default.contents(atPath: path + "/manifest.json"),
            let manifest = try? JSONValue(parsing: String(decoding: data, as: UTF8.self)),
            manifest["format"]?.string == format
        else { return nil }
        return manifest
    }

    private func stateOfFiles(below path: String, verifying: Bool) throws -> State {
        let place = path + "/manifest.json"
        guard FileManager.default.fileExists(atPath: place) else { return .absent }
        guard let manifest = Self.manifest(below: path) else { return .foreign("something that is no bake") }
        let baked = manifest["training_set"]?.string ?? "another set"
        guard baked.split(separator: "@").first.map(String.init) == set.name else {
            return .foreign("the bake of \(baked)")
        }
        guard manifest["digest"]?.string == FileDigest.hex(set.digest) else {
            return .stale("it was baked from \(baked)")
        }
        let written = Self.modified(place)
        for file in manifest["files"]?.array ?? [] {
            guard let name = file["path"]?.string, let bytes = file["bytes"]?.number else { continue }
            let full = path + "/" + name
            let size = try? FileManager.default.attributesOfItem(atPath: full)[.size] as? Int
            guard let expected = Int(exactly: bytes), size == expected else {
                return .stale("\(name) is missing or cut")
            }
            guard verifying || Self.modified(full) > written else { continue }
            if FileDigest.hex(try FileDigest.sha256(ofFile: full)) != file["sha256"]?.string {
                return .stale("\(name) is damaged")
            }
        }
        return .current
    }

    private static func modified(_ path: String) -> Date {
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        return attributes?[.modificationDate] as? Date ?? .distantFuture
    }

    /// Bakes into a folder, in place of an earlier bake.
    package func write(
        to path: String, shardSize: Int, folds: [String], on connection: any WarehouseConnection,
        progress: (Int, Int) -> Void
    ) async throws -> TrainingSetExport.Report {
        var options = TrainingSetExport.Options()
        options.format = .npy
        options.shardSize = shardSize
        options.folds = folds
        return try await TrainingSetExport(set, options: options).write(
            to: path, format: Self.format, on: connection, progress: progress)
    }
}
