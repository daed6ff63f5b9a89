internal import Imaging
internal import CanonicalJSON
internal import PixelCodec
internal import SQLInterface
internal import Warehouse

/// Turns what a query chose into samples: slices, targets, order. Reads only.
struct TrainingSetAssembly: Sendable {
    struct Result: Sendable {
        /// In order of sample number.
        var samples: [DraftSample] = []
        var refused: [SampleCandidate.Refusal: Int] = [:]
        /// By patient without a fold: what would have been a candidate.
        var unplaced: [Int64: Int] = [:]
    }

    let definition: TrainingSetDefinition
    let connection: any WarehouseConnection

    func run() async throws -> Result {
        let read = try await CandidateReader(
            form: definition.form, query: definition.query, splitID: definition.splitID,
            includesVariants: definition.includesVariants
        ).read(on: connection)
        var candidates = read.candidates
        try await addCentres(to: &candidates)
        let labels = try await LabelValues(
            definition.domains, levels: definition.levels, form: definition.form, conflicts: definition.conflicts,
            splitID: definition.splitID, on: connection)
        let marks = MarkTargets(
            definition, try await MarkValues(definition.target, splitID: definition.splitID, on: connection))
        var fit = try await RecipeFit(definition.recipe, splitID: definition.splitID, on: connection)
        let needsStacks = definition.form.hasSeveralSlices
        let stacks = try await SeriesSlices(
            of: needsStacks ? Set(candidates.map(\.seriesID)) : [], splitID: definition.splitID, on: connection)
        var result = Result(refused: read.refused, unplaced: read.unplaced)
        result.samples.reserveCapacity(candidates.count)
        for candidate in candidates {
            do {
                result.samples.append(try draft(candidate, labels, marks, stacks, &fit))
            } catch let refused as SampleCandidate.Refused {
                result.refused[refused.why, default: 0] += 1
            }
        }
        result.samples.sort(by: DraftSample.precedes)
        return result
    }

    /// Masks are stored without a centre, which a crop needs.
    private func addCentres(to candidates: inout [SampleCandidate]) async throws {
        guard case .crop = definition.form else { return }
        let wanted = Set(candidates.filter { $0.centre == nil }.compactMap(\.annotationID))
        let centres = try await MaskCentres.read(of: wanted, splitID: definition.splitID, on: connection)
        for index in candidates.indices where candidates[index].centre == nil {
            candidates[index].centre = candidates[index].annotationID.flatMap { centres[$0] }
        }
    }

    /// **Throws** `Refused`, and `ImagingError` for stored runs that do not fit their slices.
    private func draft(
        _ candidate: SampleCandidate, _ labels: LabelValues, _ marks: MarkTargets, _ stacks: SeriesSlices,
        _ fit: inout RecipeFit
    ) throws -> DraftSample {
        if definition.form == .volume, (stacks[candidate.seriesID]?.volumes.count ?? 0) > 1 {
            throw SampleCandidate.Refused(why: .severalVolumes)
        }
        if case .crop = definition.form, candidate.centre == nil { throw SampleCandidate.Refused(why: .noCentre) }
        let slices = try stacks.slices(of: candidate, definition.form)
        let (values, isConflicting) = labels.values(of: candidate, isVolume: definition.form == .volume)
        if isConflicting { throw SampleCandidate.Refused(why: .conflict) }
        if definition.missing == .drop, values.contains(where: { $0 == nil }) {
            throw SampleCandidate.Refused(why: .noValue)
        }
        if definition.target.marks != nil, !marks.hasBeenRead(candidate.seriesID) {
            throw SampleCandidate.Refused(why: .notRead)
        }
        if marks.lacksMask(of: slices) { throw SampleCandidate.Refused(why: .maskUnplaced) }
        let place = try fit.place(of: slices, series: candidate.seriesID)
        let target: SampleTarget?
        let classes: SampleClasses
        switch definition.target {
        case .none: (target, classes) = (nil, .none)
        case .labels(let domains):
            let own = Array(values.prefix(domains.count))
            target = SampleTarget(.array(own.map { $0.map(JSONValue.number) ?? .null }))
            classes = .labels(own)
        case .grade:
            guard let value = values.first ?? nil else { throw SampleCandidate.Refused(why: .noValue) }
            (target, classes) = (SampleTarget(.number(value)), .grade(value))
        case .mask: (target, classes) = try marks.mask(of: slices)
        case .spheres: (target, classes) = try marks.spheres(of: candidate.seriesID, in: slices, placed: place)
        }
        let hasSeveral = definition.form.hasSeveralSlices
        return DraftSample(
            patientID: candidate.patientID, seriesID: candidate.seriesID, sliceID: slices.middle?.id,
            annotationID: candidate.annotationID, centre: candidate.centre, fold: candidate.fold,
            pixelDigest: hasSeveral
                ? SliceListDigest.of(slices.slices.map(\.digest)) : candidate.pixelDigest,
            slices: hasSeveral ? slices.slices : [], target: target, classes: classes)
    }
}
