internal import Imaging
internal import Warehouse

/// Looks whether samples are still what was frozen, as rendering them does, without reading pixels.
struct SampleComparison: Sendable {
    /// Samples that are compared together.
    static let chunkSize = 512

    let set: StoredTrainingSet
    let form: SampleForm
    let recipe: SampleRecipe
    let hasMask: Bool
    let isOfMiddleSlice: Bool
    /// Annotations that count; nil for those that the target of each sample names.
    let named: Set<Int64>?

    /// **Throws** `changed` for slices or masks that are not those that were frozen, `incomplete` for samples that have
    /// lost slices.
    func run(_ samples: [FrozenSample], on connection: any WarehouseConnection) async throws {
        let lists = try await SampleLoad.slices(samples, of: set, form: form, on: connection)
        if form.hasSeveralSlices { try SampleLoad.check(lists, of: samples, in: set) }
        var places: Set<SlicePlace> = []
        for sample in samples {
            for slice in lists[sample.number] ?? [] {
                places.insert(SlicePlace(patientID: sample.patientID, sliceID: slice.id))
            }
        }
        let facts = try await SliceFacts.read(places, on: connection)
        let masks =
            hasMask ? try await SampleMasks(of: samples, on: lists, facts, counting: named, on: connection) : nil
        for sample in samples { try compare(sample, lists[sample.number] ?? [], facts, masks) }
    }

    private func compare(
        _ sample: FrozenSample, _ slices: [SeriesSlices.Slice], _ facts: [Int64: SliceFacts], _ masks: SampleMasks?
    ) throws(TrainingError) {
        for slice in slices where facts[slice.id]?.digest != slice.digest {
            throw TrainingError.changedSlice(slice.id, of: sample, in: set)
        }
        _ = try SampleLoad.masks(
            of: sample, slices: slices.map(\.id), isOfMiddleSlice: isOfMiddleSlice, among: masks, in: set)
        let run = SliceRun(slices.compactMap { facts[$0.id]?.sliceIndex })
        let objection = run.objection(
            to: recipe, spacing: sample.seriesSpacing, sample: sample.number, series: sample.seriesID)
        if let objection { throw TrainingError(.changed, set.reference, objection) }
    }
}
