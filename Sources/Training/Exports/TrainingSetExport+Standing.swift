internal import CanonicalJSON
internal import Foundation
package import Warehouse

extension TrainingSetExport {
    /// What an export finds in its folder.
    package enum Standing: Sendable, Hashable {
        /// Nothing that an export or a bake made.
        case absent
        /// The same export, made before: of this set, format, folds, order and round.
        case same
        /// Another export, or a bake, as a sentence names it.
        case other(String)
    }

    /// Looks what stands in a folder, by its manifest.
    ///
    /// **Throws** `notFound` for a fold that the split does not have; `exists` for a manifest of something else.
    package func standing(at path: String, on connection: any WarehouseConnection) async throws -> Standing {
        guard let data = FileManager.default.contents(atPath: path + "/manifest.json") else { return .absent }
        guard let manifest = try? JSONValue(parsing: String(decoding: data, as: UTF8.self)),
            let format = manifest["format"]?.string, [Self.manifestFormat, TrainingSetBake.format].contains(format)
        else { throw ExportFolder.foreign(path) }
        let title = manifest["training_set"]?.string ?? "another set"
        guard format == Self.manifestFormat else { return .other("the bake of \(title)") }
        let folds = try await set.filledFolds(among: options.folds, on: connection)
        guard let what = try difference(to: manifest, folds: folds) else { return .same }
        return .other("the export of \(title)\(what)")
    }

    /// What to say of an export behind the name of its set where it is not this one; nil where it is.
    ///
    /// - Parameter folds: That have samples and are asked for.
    private func difference(to manifest: JSONValue, folds: Set<String>) throws(TrainingError) -> String? {
        guard manifest["training_set"]?.string == set.reference else { return "" }
        guard manifest["digest"]?.string == FileDigest.hex(set.digest) else { return " of another digest" }
        let format = manifest["files_are"]?.string ?? ""
        guard format == options.format.rawValue else { return " as \(format)" }
        let written = (manifest["folds"]?.object ?? [:]).keys.sorted()
        guard Set(written) == folds else { return " with the folds \(written.joined(separator: ", "))" }
        let heldOut = manifest["held_out"]?.array?.compactMap(\.string)
        guard try heldOut == self.heldOut() else { return " for another round" }
        return manifest["order"] == order ? nil : " in another order"
    }

    private func heldOut() throws(TrainingError) -> [String]? {
        guard let text = options.heldOut else { return nil }
        return try set.chosenFolds(text, option: "--held-out")
    }
}
