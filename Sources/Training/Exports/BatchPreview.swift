package import Imaging
internal import SQLInterface
package import Warehouse

/// A sheet of samples as a model sees them, augmented, with the outlines of their masks and spheres.
package struct BatchPreview: Sendable {
    private let set: StoredTrainingSet

    package init(_ set: StoredTrainingSet) { self.set = set }

    /// The samples at the first places of a shuffled epoch.
    ///
    /// - Parameters:
    ///   - fold: One or several, as for batches: `train`, `fold-1+fold-2`, or `all-but:fold-0`.
    ///   - count: Samples to show.
    ///   - epoch: Epoch of the augmentation; nil for none.
    /// **Throws** `notFound` for a fold that the split does not have, `unsuitable` where there is no sample.
    package func sheet(
        fold: String, count: Int, seed: Int64, epoch: Int?, tileSide: Int, on connection: any WarehouseConnection
    ) async throws -> PixelBuffer {
        let folds = try set.chosenFolds(fold)
        let reader = try SampleReader(set)
        let all = try await reader.samples(of: folds, on: connection)
        guard !all.isEmpty else {
            throw TrainingError(.unsuitable, set.reference, "fold \(fold) has no samples to show")
        }
        let shown = all.map { (UnitHash(seed: seed, unitKey: String($0.number)), $0) }.sorted { $0.0 < $1.0 }
            .prefix(count).map(\.1)
        var tiles: [ContactSheet.Tile] = []
        let augment = reader.recipe.augment
        let hasSpheres = set.targetKind == "spheres"
        let change: @Sendable (Int) -> SampleChange? = { number in
            epoch.flatMap { epoch in
                augment?.change(seed: UInt64(bitPattern: seed), epoch: UInt64(epoch), sampleNumber: UInt64(number))
            }
        }
        // Tiles are scaled one by one, so samples may differ in shape.
        try await reader.render(
            Array(shown), on: connection, oneShape: false, change: change,
            as: { try PreviewTile($0, change: change($0.frozen.number), hasSpheres: hasSpheres).tile() }
        ) { tile in tiles.append(tile) }
        return try ContactSheet(tileSide: tileSide).compose(tiles)
    }
}
