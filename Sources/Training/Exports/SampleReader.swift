package import CanonicalJSON
internal import Catalogue
internal import Foundation
package import Imaging
internal import PixelCodec
internal import SQLInterface
package import Warehouse

/// A frozen sample without its pixels.
package struct FrozenSample: Sendable {
    package let number: Int
    package let fold: String
    package let patientID: Int64
    package let seriesID: Int64
    package let sliceID: Int64?
    package let annotationID: Int64?
    package let pixelDigest: [UInt8]
    package let target: JSONValue?
    let targetDigest: [UInt8]
    /// As it was frozen, or of the round that is exported.
    package private(set) var weight: Double
    let centre: VoxelPoint?
    /// As the series has it today.
    let seriesSpacing: SeriesSpacing

    /// The same sample with another weight in the loss.
    func weighing(_ weight: Double) -> FrozenSample {
        var sample = self
        sample.weight = weight
        return sample
    }
}

/// A frozen sample as its recipe makes it.
package struct ExportSample: Sendable {
    package let frozen: FrozenSample
    package let rendered: RenderedSample
    /// From its voxels to world, RAS, mm; nil where that was not asked for, or the series is no volume.
    package let affine: VoxelAffine?
    /// How many slices it is made of, and which of them names it; 0 where none does.
    package let sliceCount: Int
    package let namingSlice: Int
}

/// Reads the samples of a training set and renders them by its recipe.
///
/// **Cost** the ids of a fold and ``chunkSize`` samples in memory; rendering runs on all cores.
package struct SampleReader: Sendable {
    static let chunkSize = 32

    package let set: StoredTrainingSet
    package let recipe: SampleRecipe
    private let form: SampleForm
    private let hasMask: Bool
    /// Whether masks are those of the middle slice.
    private let convention: MarkConvention
    /// Where samples lie in the patient is asked for.
    private let isPlaced: Bool

    /// **Throws** `unsuitable` for a set or recipe that a later program wrote, or an earlier one with other marks.
    package init(_ set: StoredTrainingSet, isPlaced: Bool = false) throws {
        guard let form = SampleForm(json: set.parameters["sample"] ?? .null) else {
            throw TrainingError(.unsuitable, set.reference, "a later program wrote it; use that one")
        }
        self.set = set
        self.form = form
        recipe = try SampleRecipe(parsing: set.recipeJSON)
        hasMask = set.targetKind == "mask"
        convention = MarkConvention(
            targetKind: set.targetKind, hasSeveralSlices: form.hasSeveralSlices, layout: recipe.layout)
        if let objection = convention.objection(to: set.parameters["target"]) {
            throw TrainingError(.unsuitable, set.reference, objection)
        }
        self.isPlaced = isPlaced
    }

    /// Samples of folds in order of number.
    package func samples(of folds: [String], on connection: any WarehouseConnection) async throws -> [FrozenSample] {
        try await connection.rows(
            """
            SELECT sample_number, training_sample.patient_id, training_sample.series_id, slice_id, annotation_id,
                pixel_digest, target, weight, centre_column, centre_row, centre_slice,
                series.slice_spacing_mm, series.row_spacing_mm, series.column_spacing_mm, target_digest, fold
            FROM training_sample
            JOIN series ON series.patient_id = training_sample.patient_id
                AND series.series_id = training_sample.series_id
            WHERE training_set_id = \(set.id) AND fold IN \(list: folds) ORDER BY sample_number
            """
        ).map { row in
            let sample = try Self.sample(row)
            // Masks are compared where their runs are read.
            guard hasMask || (sample.target.map { TargetDigest.of(text: $0.text) } ?? []) == sample.targetDigest else {
                throw TrainingError.changedTarget(of: sample, in: set)
            }
            return sample
        }
    }

    private static func sample(_ row: Row) throws -> FrozenSample {
        let point: [Double?] = try (8...10).map { try row.get(at: $0) }
        let spacing: [Double?] = try (11...13).map { try row.get(at: $0) }
        var centre: VoxelPoint?
        if let column = point[0], let line = point[1], let slice = point[2] {
            centre = VoxelPoint(column: column, row: line, slice: slice)
        }
        return FrozenSample(
            number: try row.get(at: 0), fold: try row.get(at: 15), patientID: try row.get(at: 1),
            seriesID: try row.get(at: 2), sliceID: try row.get(at: 3), annotationID: try row.get(at: 4),
            pixelDigest: try row.get(at: 5),
            target: try row.get(at: 6, as: String?.self).map { try JSONValue(parsing: $0) },
            targetDigest: try row.get(at: 14, as: [UInt8]?.self) ?? [], weight: try row.get(at: 7), centre: centre,
            seriesSpacing: SeriesSpacing(slices: spacing[0], rows: spacing[1], columns: spacing[2]))
    }

    /// Renders samples, and gives what is made of them in the order of the samples.
    ///
    /// - Parameters:
    ///   - oneShape: Samples of several shapes are refused.
    ///   - change: Augmentation of a sample by its number; nil for none.
    ///   - make: What a sample becomes; runs on all cores.
    /// **Throws** `changed` for pixels or masks that are not those that were frozen, `incomplete` for samples that have
    /// lost slices, `unsuitable` for samples of several shapes.
    package func render<Made: Sendable>(
        _ samples: [FrozenSample], on connection: any WarehouseConnection, oneShape: Bool = true,
        change: @escaping @Sendable (Int) -> SampleChange? = { _ in nil },
        as make: @escaping @Sendable (ExportSample) throws -> Made, _ body: (Made) async throws -> Void
    ) async throws {
        var first: (shape: SampleShape, samplesPerPixel: Int)?
        let named = try await namedAnnotations(samples, on: connection)
        for start in stride(from: 0, to: samples.count, by: Self.chunkSize) {
            try Task.checkCancellation()
            let chunk = Array(samples[start..<min(start + Self.chunkSize, samples.count)])
            let load = try await SampleLoad(
                chunk, of: set, form: form, hasMask: hasMask, isPlaced: isPlaced, recipe: recipe,
                isOfMiddleSlice: convention.isOfMiddleSlice, named: named, on: connection)
            for part in load.parts { try checkSlices(of: part) }
            let rendered = try await RenderedChunk.render(
                load.parts, of: set.reference, recipe: recipe, form: form, hasMask: hasMask, change: change, as: make)
            for picture in rendered {
                let known = first ?? (shape: picture.shape, samplesPerPixel: picture.samplesPerPixel)
                if oneShape, known.shape != picture.shape {
                    let remedy = SampleShape.remedy(samplesPerPixel: known.samplesPerPixel, picture.samplesPerPixel)
                    throw TrainingError(
                        .unsuitable, set.reference,
                        "its samples have several shapes (\(Self.text(known.shape)) and \(Self.text(picture.shape))); "
                            + "\(remedy), or export to tfrecord, webdataset or nifti, which hold a shape for each")
                }
                first = known
                try await body(picture.made)
            }
        }
    }

    /// Looks whether samples are what was frozen, as ``render(_:on:oneShape:change:as:_:)`` does, without their pixels.
    ///
    /// **Throws** `changed`, `incomplete`, as that does.
    func compare(_ samples: [FrozenSample], on connection: any WarehouseConnection) async throws {
        let comparison = SampleComparison(
            set: set, form: form, recipe: recipe, hasMask: hasMask, isOfMiddleSlice: convention.isOfMiddleSlice,
            named: try await namedAnnotations(samples, on: connection))
        for start in stride(from: 0, to: samples.count, by: SampleComparison.chunkSize) {
            try Task.checkCancellation()
            let chunk = samples[start..<min(start + SampleComparison.chunkSize, samples.count)]
            try await comparison.run(Array(chunk), on: connection)
        }
    }

    /// **Throws** `changed` where the recipe needs a spacing that slices took away which came later.
    private func checkSlices(of part: SamplePart) throws {
        let objection = part.run.objection(
            to: recipe, spacing: part.sample.seriesSpacing, sample: part.sample.number, series: part.sample.seriesID)
        guard let objection else { return }
        throw TrainingError(.changed, set.reference, objection)
    }

    /// The annotations that any sample of the folds of these names, since the mask of one holds all of them; nil for crops,
    /// which do not name what marks their slices elsewhere.
    private func namedAnnotations(
        _ samples: [FrozenSample], on connection: any WarehouseConnection
    ) async throws -> Set<Int64>? {
        if case .crop = form { return nil }
        guard hasMask, !samples.isEmpty else { return [] }
        var named: Set<Int64> = []
        try await connection.stream(
            """
            SELECT target FROM training_sample
            WHERE training_set_id = \(set.id) AND fold IN \(list: Set(samples.map(\.fold)).sorted())
            """, batchRows: 4_096
        ) { rows in
            for row in rows {
                guard let text = try row.get(at: 0, as: String?.self) else { continue }
                named.formUnion(try JSONValue(parsing: text).annotations)
            }
        }
        return named
    }

    private static func text(_ shape: SampleShape) -> String {
        shape.dimensions.map { String($0) }.joined(separator: " x ")
    }
}

extension JSONValue {
    /// Ids of annotations, as the target of a mask names them.
    var annotations: [Int64] { (array ?? []).compactMap { $0.string.flatMap { Int64($0) } } }
}

extension TrainingError {
    static func changedTarget(of sample: FrozenSample, in set: StoredTrainingSet) -> TrainingError {
        TrainingError(
            .changed, set.reference,
            "the \(set.targetKind == "mask" ? "mask" : "target") of sample \(sample.number) is no longer what was frozen; "
                + "see training-set check, and create a new version")
    }

    static func changedSlice(_ slice: Int64, of sample: FrozenSample, in set: StoredTrainingSet) -> TrainingError {
        TrainingError(
            .changed, set.reference,
            "slice \(slice) of sample \(sample.number) is no longer what was frozen; see training-set check")
    }
}

/// Slices and masks of one sample.
struct SamplePart: Sendable {
    let sample: FrozenSample
    let frames: [PixelBuffer]
    let rescales: [Rescale?]
    /// Of each frame, where the recipe asks.
    let bitsStored: [Int?]
    /// Masks of each slice, or of the one that the mask is of.
    let masks: [[RunLengthMask]]
    /// How its slices lie in their series.
    let run: SliceRun
    let place: SamplePlace?
    /// Of the slice that names the sample, among the frames.
    let namingSlice: Int
}

/// Fetches what a few samples are made of.
struct SampleLoad: Sendable {
    private(set) var parts: [SamplePart] = []

    init(
        _ samples: [FrozenSample], of set: StoredTrainingSet, form: SampleForm, hasMask: Bool, isPlaced: Bool,
        recipe: SampleRecipe, isOfMiddleSlice: Bool, named: Set<Int64>?,
        on connection: any WarehouseConnection
    ) async throws {
        let grids = isPlaced ? try await SamplePlace.grids(of: samples, on: connection) : [:]
        let lists = try await Self.slices(samples, of: set, form: form, on: connection)
        if form.hasSeveralSlices { try Self.check(lists, of: samples, in: set) }
        var stored: [Int64: StoredSlice] = [:]
        var twelveBits = TwelveBitSlices()
        for (patient, own) in Dictionary(grouping: samples, by: \.patientID) {
            let ids = Set(own.flatMap { lists[$0.number] ?? [] }.map(\.id)).sorted()
            try await SliceStream.slices(patientID: patient, sliceIDs: ids).forEachBatch(on: connection) { batch in
                for slice in batch { stored[slice.sliceID] = slice }
            }
            if recipe.values == .unwrapped { try await twelveBits.add(ids, of: patient, on: connection) }
        }
        let facts = stored.mapValues {
            SliceFacts(rows: $0.rows, columns: $0.columns, sliceIndex: $0.sliceIndex, digest: $0.digest)
        }
        let masks =
            hasMask ? try await SampleMasks(of: samples, on: lists, facts, counting: named, on: connection) : nil
        for sample in samples {
            let slices = try (lists[sample.number] ?? []).map { wanted -> StoredSlice in
                guard let slice = stored[wanted.id], slice.digest == wanted.digest else {
                    throw TrainingError.changedSlice(wanted.id, of: sample, in: set)
                }
                return slice
            }
            let index = slices.first { $0.sliceID == sample.sliceID }?.sliceIndex
            let place = grids[sample.seriesID].flatMap { grid in
                SamplePlace(
                    form, centre: sample.centre.map { SIMD3($0.column, $0.row, $0.slice) }, slice: index,
                    slices: slices.map(\.sliceIndex), layout: recipe.layout, in: grid)
            }
            let own = try Self.masks(
                of: sample, slices: slices.map(\.sliceID), isOfMiddleSlice: isOfMiddleSlice, among: masks, in: set)
            parts.append(
                SamplePart(
                    sample: sample, frames: try slices.map { try $0.pixels() }, rescales: slices.map(\.rescale),
                    bitsStored: slices.map { twelveBits.bitsStored(of: $0.sliceID) },
                    masks: own, run: SliceRun(slices.map(\.sliceIndex)), place: place,
                    namingSlice: slices.firstIndex { $0.sliceID == sample.sliceID } ?? 0))
        }
    }

    /// Masks of each slice that shows them; none where masks are not asked for.
    ///
    /// **Throws** `changed` where they are not those that were frozen.
    static func masks(
        of sample: FrozenSample, slices: [Int64], isOfMiddleSlice: Bool, among masks: SampleMasks?,
        in set: StoredTrainingSet
    ) throws(TrainingError) -> [[RunLengthMask]] {
        let shown = isOfMiddleSlice ? sample.sliceID.map { [$0] } ?? [] : slices
        guard let masks else { return shown.map { _ in [] } }
        let own = shown.map { masks.masks(ofSample: sample.number, slice: $0) }
        guard TargetDigest.of(slices: own.map { $0.flatMap(\.bytes) }) == sample.targetDigest else {
            throw TrainingError.changedTarget(of: sample, in: set)
        }
        return own
    }

    /// **Throws** `incomplete` where a sample has lost slices.
    static func check(
        _ lists: [Int: [SeriesSlices.Slice]], of samples: [FrozenSample], in set: StoredTrainingSet
    ) throws(TrainingError) {
        for sample in samples {
            let digests = (lists[sample.number] ?? []).map(\.digest)
            guard SliceListDigest.of(digests) == sample.pixelDigest else {
                throw set.incomplete(SliceListDigest.objection(sample: sample.number))
            }
        }
    }

    /// Slices of each sample in order, by sample number.
    static func slices(
        _ samples: [FrozenSample], of set: StoredTrainingSet, form: SampleForm, on connection: any WarehouseConnection
    ) async throws -> [Int: [SeriesSlices.Slice]] {
        guard form.hasSeveralSlices else {
            return Dictionary(
                uniqueKeysWithValues: samples.map { sample in
                    (
                        sample.number,
                        sample.sliceID.map { [SeriesSlices.Slice(id: $0, digest: sample.pixelDigest)] } ?? []
                    )
                })
        }
        let rows = try await connection.rows(
            """
            SELECT sample_number, slice_id, pixel_digest FROM training_sample_slice
            WHERE training_set_id = \(set.id) AND sample_number IN \(list: samples.map(\.number))
            ORDER BY sample_number, slice_ordinal
            """)
        var lists: [Int: [SeriesSlices.Slice]] = [:]
        for row in rows {
            lists[try row.get(at: 0), default: []].append(
                SeriesSlices.Slice(id: try row.get(at: 1), digest: try row.get(at: 2)))
        }
        return lists
    }
}

/// Renders a few samples side by side.
enum RenderedChunk {
    struct Entry<Made: Sendable>: Sendable {
        let shape: SampleShape
        let samplesPerPixel: Int
        let made: Made
    }

    /// **Throws** `changed` where the recipe cannot make a sample any more: what is frozen could be made.
    @concurrent
    static func render<Made: Sendable>(
        _ parts: [SamplePart], of reference: String, recipe: SampleRecipe, form: SampleForm, hasMask: Bool,
        change: @escaping @Sendable (Int) -> SampleChange?, as make: @escaping @Sendable (ExportSample) throws -> Made
    ) async throws -> [Entry<Made>] {
        let workers = max(1, ProcessInfo.processInfo.activeProcessorCount)
        return try await withThrowingTaskGroup(of: [(Int, Entry<Made>)].self) { group in
            for worker in 0..<workers {
                group.addTask {
                    let renderer = SampleRenderer(recipe: recipe)
                    let workspace = SampleWorkspace()
                    return try stride(from: worker, to: parts.count, by: workers).map { index in
                        let part = parts[index]
                        let sample = try render(part, of: reference, renderer, form, hasMask, change, workspace)
                        let colours = part.frames.first?.samplesPerPixel ?? 1
                        let made = try make(sample)
                        return (index, Entry(shape: sample.rendered.shape, samplesPerPixel: colours, made: made))
                    }
                }
            }
            var rendered = [Entry<Made>?](repeating: nil, count: parts.count)
            for try await some in group {
                for (index, sample) in some { rendered[index] = sample }
            }
            return rendered.compactMap(\.self)
        }
    }

    private static func render(
        _ part: SamplePart, of reference: String, _ renderer: SampleRenderer, _ form: SampleForm, _ hasMask: Bool,
        _ change: (Int) -> SampleChange?, _ workspace: SampleWorkspace
    ) throws -> ExportSample {
        let region = region(of: part, form)
        let rendered: RenderedSample
        do throws(ImagingError) {
            rendered = try renderer.render(
                part.frames, rescales: part.rescales, bitsStored: part.bitsStored, region: region,
                spacing: part.sample.seriesSpacing.spacing(of: part.run), change: change(part.sample.number),
                mask: hasMask ? SampleMaskSource(slices: part.masks) : nil, workspace: workspace)
        } catch {
            throw TrainingError(
                .changed, reference,
                "its recipe cannot make sample \(part.sample.number), of series \(part.sample.seriesID), any more: "
                    + error.reason)
        }
        return ExportSample(
            frozen: part.sample, rendered: rendered,
            affine: try part.place?.lpsAffine(renderer).flippingXY, sliceCount: part.frames.count,
            namingSlice: part.namingSlice)
    }

    private static func region(of part: SamplePart, _ form: SampleForm) -> SampleRegion? {
        guard case .crop(let shape, let outside) = form, let centre = part.sample.centre, let frame = part.frames.first
        else { return nil }
        return shape.region(
            column: centre.column, row: centre.row, ofRows: frame.rows, columns: frame.columns, outside: outside)
    }
}
