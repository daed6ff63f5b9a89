internal import CanonicalJSON
internal import Imaging
package import Warehouse

/// What an export writes.
package enum ExportFormat: String, Sendable, CaseIterable {
    case tfrecord, webdataset, mds, nifti, npy, png, csv
}

/// Writes the samples of a training set as files that other loaders read.
///
/// A folder appears whole or not at all, with `index.csv` (one row a sample) and `manifest.json` (training set, digest,
/// recipe, order, counts, SHA-256 of every file). The same set gives the same bytes.
package struct TrainingSetExport: Sendable {
    package struct Options: Sendable {
        package var format = ExportFormat.tfrecord
        /// As ``StoredTrainingSet/chosenFolds(_:option:)`` reads each; empty for all. Each fold has files of its own.
        package var folds: [String] = []
        /// The folds that one round of a cross-validation holds out, in the same notation: class weights and plan are
        /// of the others. Nil for those of the set.
        package var heldOut: String?
        /// Seed of the order; nil for the order of sample numbers.
        package var shuffleSeed: Int64?
        package var shardSize = 1_000

        package init() {}
    }

    package struct Report: Sendable {
        package let folder: String
        package let sampleCounts: [(fold: String, count: Int)]
        package let fileCount: Int
        package let byteCount: Int
        /// Samples whose place in the patient was asked for and is not known.
        package let unplacedCount: Int
        /// Where the export that stood there is kept, since files that are not of it came into it meanwhile.
        package let keptFolders: [String]
    }

    /// Of its manifest. **Format** docs/formats.md, "Exports".
    package static let manifestFormat = "slicehouse-export-1"

    let set: StoredTrainingSet
    let options: Options

    package init(_ set: StoredTrainingSet, options: Options) {
        self.set = set
        self.options = options
    }

    /// - Parameters:
    ///   - format: Name in the manifest.
    ///   - progress: Samples done, of how many.
    /// **Throws** `notFound` for a fold that the split does not have, `badOption` for a round that the set does not
    /// have or a name that no folder can take, `changed`, `unsuitable`, `exists`, `inputOutput`.
    package func write(
        to path: String, format: String = TrainingSetExport.manifestFormat, on connection: any WarehouseConnection,
        progress: (Int, Int) -> Void = { _, _ in }
    ) async throws -> Report {
        let chosen = try Set(options.folds.flatMap { try set.chosenFolds($0) })
        let reader = try SampleReader(set, isPlaced: options.format == .nifti)
        let round = try await ExportRound.resolve(options.heldOut, of: set, on: connection)
        let folder = try ExportFolder(path)
        var run = Run(
            sink: sink(folder), plan: plan, index: ExportIndex(round, labels: plan.labels),
            isPlaced: options.format == .nifti, total: set.sampleCount)
        for fold in set.folds where chosen.isEmpty || chosen.contains(fold) {
            let samples = ordered(try await reader.samples(of: [fold], on: connection)).map { round.weighed($0) }
            try await run.write(samples, of: fold, reader, on: connection, progress: progress)
        }
        if options.format == .tfrecord, let labels = try await LabelFile(set).text(on: connection) {
            try folder.write(Array(labels.utf8), to: "labels.txt")
        }
        try folder.write(run.index.bytes, to: "index.csv")
        let bytes = folder.files.reduce(0) { $0 + $1.byteCount }
        let files = folder.files.count
        let kept = try folder.finish(try manifest(run, round, format: format))
        return Report(
            folder: path, sampleCounts: run.counts, fileCount: files + 1, byteCount: bytes,
            unplacedCount: run.unplacedCount, keptFolders: kept)
    }

    private func manifest(_ run: Run, _ round: ExportRound, format: String) throws -> [String: JSONValue] {
        var members = run.description.merging(round.members) { _, round in round }
        members["format"] = .string(format)
        members["files_are"] = .string(options.format.rawValue)
        members["training_set"] = .string(set.reference)
        members["digest"] = .string(FileDigest.hex(set.digest))
        members["recipe"] = try JSONValue(parsing: set.recipeJSON)
        members["folds"] = .object(run.folds)
        members["order"] = order
        members["target"] = set.parameters["target"] ?? .null
        return members
    }

    /// As the manifest has it.
    var order: JSONValue {
        guard let seed = options.shuffleSeed else { return "sample_number" }
        return ["shuffled_by_seed": .string(String(seed))]
    }

    /// What an export has written so far.
    private struct Run {
        let sink: (any ExportSink)?
        let plan: ExportPlan
        let isPlaced: Bool
        let total: Int
        var unplacedCount = 0
        var index: ExportIndex
        var folds: [String: JSONValue] = [:]
        var counts: [(fold: String, count: Int)] = []
        var description: [String: JSONValue] = [:]
        private var done = 0

        init(sink: (any ExportSink)?, plan: ExportPlan, index: ExportIndex, isPlaced: Bool, total: Int) {
            self.sink = sink
            self.plan = plan
            self.index = index
            self.isPlaced = isPlaced
            self.total = total
        }

        mutating func write(
            _ samples: [FrozenSample], of fold: String, _ reader: SampleReader, on connection: any WarehouseConnection,
            progress: (Int, Int) -> Void
        ) async throws {
            counts.append((fold, samples.count))
            guard !samples.isEmpty else { return }
            guard let sink else {
                for (place, sample) in samples.enumerated() {
                    index.append(sample, place: place, files: nil)
                }
                folds[fold] = ["samples": .integer(samples.count)]
                return
            }
            try sink.begin(fold: fold, samples: samples)
            var (place, placedCount) = (0, 0)
            var (index, description, done) = (self.index, self.description, self.done)
            try await reader.render(
                samples, on: connection, oneShape: !sink.holdsManyShapes, as: sink.packing
            ) { sample in
                description = TrainingSetExport.describe(
                    sample.shape, plan, previous: done == 0 ? nil : description)
                let files = try sink.add(sample, index: place)
                index.append(sample.frozen, place: place, files: files)
                place += 1
                placedCount += sample.hasPlace ? 1 : 0
                done += 1
                progress(done, total)
            }
            (self.index, self.description, self.done) = (index, description, done)
            var members = try sink.end()
            members["samples"] = .integer(samples.count)
            if isPlaced {
                members["without_place"] = .integer(place - placedCount)
                unplacedCount += place - placedCount
            }
            folds[fold] = .object(members)
        }
    }

    private var plan: ExportPlan {
        ExportPlan(
            name: set.name, targetKind: set.targetKind,
            domains: (set.parameters["target"]?["domains"]?.array ?? []).compactMap(\.string),
            hasMask: set.targetKind == "mask", shardSize: options.shardSize)
    }

    private func sink(_ folder: ExportFolder) -> (any ExportSink)? {
        let plan = plan
        return sink(folder, plan)
    }

    private func sink(_ folder: ExportFolder, _ plan: ExportPlan) -> (any ExportSink)? {
        switch options.format {
        case .tfrecord: TFRecordShards(folder, plan)
        case .webdataset: WebDatasetShards(folder, plan)
        case .mds: MDSShards(folder, plan)
        case .nifti: SampleTree<NIfTISample>(folder, plan)
        case .npy: NPYShards(folder, plan)
        case .png: SampleTree<PNGSample>(folder, plan)
        case .csv: nil
        }
    }

    /// Shuffled as a whole: samples in order of the hash that the seed gives their number, as units of a split.
    private func ordered(_ samples: [FrozenSample]) -> [FrozenSample] {
        guard let seed = options.shuffleSeed else { return samples }
        return samples.map { (UnitHash(seed: seed, unitKey: String($0.number)), $0) }.sorted { $0.0 < $1.0 }.map(\.1)
    }

    /// What all samples so far have in common.
    private static func describe(
        _ shape: SampleShape, _ plan: ExportPlan, previous: [String: JSONValue]?
    ) -> [String: JSONValue] {
        var members: [String: JSONValue] = [
            "image": [
                "dtype": .string(shape.dtype.rawValue), "layout": .string(shape.layout.rawValue),
                "shape": .array(shape.dimensions.map { .integer($0) }),
            ]
        ]
        if plan.hasMask {
            members["mask"] = [
                "dtype": .string(shape.maskDType.rawValue),
                "shape": .array(shape.maskDimensions.map { .integer($0) }),
            ]
        }
        guard let previous, previous != members else { return members }
        return members.mapValues { part in
            guard case .object(var own) = part else { return part }
            own["shape"] = .null
            return .object(own)
        }
    }
}
