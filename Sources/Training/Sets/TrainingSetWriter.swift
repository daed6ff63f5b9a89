internal import Imaging
internal import CanonicalJSON
internal import SQLInterface
internal import Warehouse

/// Writes a frozen training set; call it in a transaction.
struct TrainingSetWriter: Sendable {
    let connection: any WarehouseConnection
    let clock: @Sendable () -> SQLTimestamp

    /// The id of a recipe, which is stored once.
    func register(_ recipe: NamedRecipe) async throws -> Int64 {
        let digest = recipe.sha256
        try await connection.execute(
            """
            INSERT INTO recipe (recipe_id, kind, name, canonical_json, sha256, created_at)
            VALUES (\(ContentKey("recipe", .bytes(digest)).id()), 'sample', \(recipe.name),
                \(recipe.recipe.canonicalJSON), \(digest), \(clock()))
            ON CONFLICT DO NOTHING
            """)
        let rows = try await connection.rows("SELECT recipe_id FROM recipe WHERE sha256 = \(digest)")
        guard let row = rows.first else {
            throw TrainingError(.unsuitable, recipe.name, "the id of the recipe is taken by another one")
        }
        return try row.get(at: 0)
    }

    func write(_ set: FrozenSet, recipeID: Int64) async throws {
        try await connection.execute(
            """
            INSERT INTO training_set (training_set_id, name, version, split_id, recipe_id, query, parameters,
                sample_kind, target_kind, class_weights, sampling_plan, sample_count, digest, created_at)
            VALUES (\(set.id), \(set.name), \(set.version), \(set.definition.splitID), \(recipeID),
                \(set.definition.query.text), \(set.definition.parameters.text), \(set.definition.form.kind),
                \(set.definition.target.kind), \(set.classWeights?.text), \(set.samplingPlan?.text),
                \(set.samples.count), \(set.digest), \(clock()))
            """)
        // In portions: all rows at once would hold the set in memory a second time.
        let portion = 20_000
        for first in stride(from: 0, to: set.samples.count, by: portion) {
            try Task.checkCancellation()
            let range = first..<min(first + portion, set.samples.count)
            try await writeSamples(set, range)
            if set.definition.form.hasSeveralSlices { try await writeSlices(set, range) }
        }
    }

    private func writeSamples(_ set: FrozenSet, _ range: Range<Int>) async throws {
        try await connection.load(
            table: "training_sample",
            columns: [
                "training_set_id", "sample_number", "split_id", "patient_id", "fold", "series_id", "slice_id",
                "annotation_id", "centre_column", "centre_row", "centre_slice", "pixel_digest", "target",
                "target_digest", "weight",
            ],
            rows: range.map { number in
                let sample = set.samples[number]
                return [
                    .integer(set.id), .integer(Int64(number)), .integer(set.definition.splitID),
                    .integer(sample.patientID), .text(sample.fold), .integer(sample.seriesID),
                    SQLValue(sample.sliceID), SQLValue(sample.annotationID), SQLValue(sample.centre?.column),
                    SQLValue(sample.centre?.row), SQLValue(sample.centre?.slice), .blob(sample.pixelDigest),
                    SQLValue(sample.target?.json.text), SQLValue(sample.target?.digest), .real(sample.weight),
                ]
            })
    }

    private func writeSlices(_ set: FrozenSet, _ range: Range<Int>) async throws {
        var rows: [[SQLValue]] = []
        for number in range {
            let sample = set.samples[number]
            for (ordinal, slice) in sample.slices.enumerated() {
                rows.append([
                    .integer(set.id), .integer(Int64(number)), .integer(Int64(ordinal)), .integer(sample.patientID),
                    .integer(slice.id), .blob(slice.digest),
                ])
            }
            if rows.count >= 50_000 {
                try await load(slices: rows)
                rows = []
            }
        }
        try await load(slices: rows)
    }

    private func load(slices rows: [[SQLValue]]) async throws {
        try await connection.load(
            table: "training_sample_slice",
            columns: ["training_set_id", "sample_number", "slice_ordinal", "patient_id", "slice_id", "pixel_digest"],
            rows: rows)
    }
}
