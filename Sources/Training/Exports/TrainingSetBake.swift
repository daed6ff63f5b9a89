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
        /// It is the bake of this set, and every file has its size (with verification: its digest).
        case current
        /// Baked from another set or recipe, or a file is damaged.
        case stale(String)
    }

    private let set: StoredTrainingSet

    package init(_ set: StoredTrainingSet) { self.set = set }

    /// - Parameter verifying: Also read every file and compare its SHA-256.
    package func state(of path: String, verifying: Bool) throws -> State {
        guard let data = FileManager.default.contents(atPath: path + "/manifest.json") else { return .absent }
        guard let manifest = try? JSONValue(parsing: String(decoding: data, as: UTF8.self)),
            manifest["format"]?.string == Self.format
        else { return .stale("its manifest is not one of a bake") }
        guard manifest["digest"]?.string == FileDigest.hex(set.digest) else {
            return .stale("it was baked from \(manifest["training_set"]?.string ?? "another set")")
        }
        for file in manifest["files"]?.array ?? [] {
            guard let name = file["path"]?.string, let bytes = file["bytes"]?.number else { continue }
            let attributes = try? FileManager.default.attributesOfItem(atPath: path + "/" + name)
            guard attributes?[.size] as? Int == Int(bytes) else { return .stale("\(name) is missing or cut") }
            if verifying, FileDigest.hex(try FileDigest.sha256(ofFile: path + "/" + name)) != file["sha256"]?.string {
                return .stale("\(name) is damaged")
            }
        }
        return .current
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
