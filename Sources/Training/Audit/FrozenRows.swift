internal import CanonicalJSON
internal import Imaging
internal import PixelCodec
internal import SQLInterface
internal import Warehouse

/// The rows of a training set as they are stored today.
struct FrozenRows: Sendable {
    struct Sample: Sendable {
        let number: Int
        let pixelDigest: [UInt8]
        /// Nil where there is nothing to learn.
        let targetDigest: [UInt8]?
    }

    /// What the rows give; that of the set, unless somebody edited them.
    private(set) var digest: [UInt8] = []
    private(set) var samples: [SampleKey: Sample] = [:]
    private(set) var sampleCount = 0
    /// Folds by patient.
    private(set) var folds: [Int64: Set<String>] = [:]
    /// Numbers of the samples whose slices changed.
    private(set) var changedPixels: Set<Int> = []
    /// Numbers of the samples that have other rows of `training_sample_slice`, or fewer.
    private(set) var changedLists: Set<Int> = []

    /// **Cost** two digests a sample in memory.
    static func read(
        _ set: StoredTrainingSet, in warehouse: Warehouse, on connection: any WarehouseConnection
    ) async throws -> FrozenRows {
        var rows = try await readSamples(of: set, on: connection)
        rows.changedPixels = try await findChangedPixels(set, in: warehouse, on: connection)
        if let form = SampleForm(json: set.parameters["sample"] ?? .null), form.hasSeveralSlices {
            rows.changedLists = try await findChangedLists(set, of: Array(rows.samples.values), on: connection)
        }
        return rows
    }

    private static func readSamples(
        of set: StoredTrainingSet, on connection: any WarehouseConnection
    ) async throws -> FrozenRows {
        var digest = TrainingSetDigest(
            query: set.query.text, parameters: set.parameters, recipe: set.recipeDigest,
            classWeights: set.classWeights, samplingPlan: set.samplingPlan)
        var frozen = FrozenRows()
        try await connection.stream(
            """
            SELECT fold, patient_id, series_id, slice_id, annotation_id, centre_column, centre_row, centre_slice,
                pixel_digest, target_digest, weight, sample_number
            FROM training_sample WHERE training_set_id = \(set.id) ORDER BY sample_number
            """, batchRows: 4_096
        ) { rows in
            for row in rows {
                let line = TrainingSetDigest.Line(
                    fold: try row.get(at: 0), patientID: try row.get(at: 1), seriesID: try row.get(at: 2),
                    sliceID: try row.get(at: 3), annotationID: try row.get(at: 4),
                    centre: (try row.get(at: 5), try row.get(at: 6), try row.get(at: 7)),
                    pixelDigest: try row.get(at: 8), targetDigest: try row.get(at: 9), weight: try row.get(at: 10))
                digest.add(line)
                frozen.sampleCount += 1
                frozen.samples[line.key] = Sample(
                    number: try row.get(at: 11), pixelDigest: line.pixelDigest, targetDigest: line.targetDigest)
                frozen.folds[line.patientID, default: []].insert(line.fold)
            }
        }
        frozen.digest = digest.finish()
        return frozen
    }

    private static func findChangedPixels(
        _ set: StoredTrainingSet, in warehouse: Warehouse, on connection: any WarehouseConnection
    ) async throws -> Set<Int> {
        let check = try warehouse.sqlLibrary.query(named: "training_sample_unchanged", engine: warehouse.engine)
        // A row without a number says that samples are gone, which is counted by itself.
        let rows = try await connection.rows(try check.sql()).filter { row in
            try row.get("training_set_id", as: Int64.self) == set.id
        }
        return Set(try rows.compactMap { try $0.get("sample_number", as: Int?.self) })
    }

    private static func findChangedLists(
        _ set: StoredTrainingSet, of samples: [Sample], on connection: any WarehouseConnection
    ) async throws -> Set<Int> {
        var lists = SliceListDigests()
        try await connection.stream(
            """
            SELECT sample_number, pixel_digest FROM training_sample_slice
            WHERE training_set_id = \(set.id) ORDER BY sample_number, slice_ordinal
            """, batchRows: 4_096
        ) { rows in
            for row in rows { lists.add(try row.get(at: 1), of: try row.get(at: 0)) }
        }
        lists.finish()
        return Set(samples.filter { lists[Int64($0.number)] != $0.pixelDigest }.map(\.number))
    }
}
