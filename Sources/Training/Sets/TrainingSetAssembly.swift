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
        /// Of an assembly that ``keepsTargetless``.
        var targetless: [Targetless] = []
    }

    /// A sample without anything to learn; see ``SampleCandidate/Refusal/isOfTarget``.
    struct Targetless: Sendable {
        let key: SampleKey
        let pixelDigest: [UInt8]
        let why: SampleCandidate.Refusal
    }

    /// What samples are made of.
    private struct Sources {
        let stacks: SeriesSlices
        let labels: LabelValues
        let marks: MarkTargets
        var fit: RecipeFit
    }

    let definition: TrainingSetDefinition
    let connection: any WarehouseConnection
    var keepsTargetless = false

    func run() async throws -> Result {
        let read = try await CandidateReader(
            form: definition.form, query: definition.query, splitID: definition.splitID,
            includesVariants: definition.includesVariants
        ).read(on: connection)
        var candidates = read.candidates
        try await addCentres(to: &candidates)
        var sources = try await sources(of: candidates)
        var result = Result(refused: read.refused, unplaced: read.unplaced)
        result.samples.reserveCapacity(candidates.count)
        for candidate in candidates {
            do {
                try add(candidate, from: &sources, to: &result)
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

    private func sources(of candidates: [SampleCandidate]) async throws -> Sources {
        let labels = try await LabelValues(
            definition.domains, levels: definition.levels, form: definition.form, conflicts: definition.conflicts,
            splitID: definition.splitID, on: connection)
        let marks = MarkTargets(
            definition, try await MarkValues(definition.target, splitID: definition.splitID, on: connection))
        let fit = try await RecipeFit(definition.recipe, splitID: definition.splitID, on: connection)
        let needsStacks = definition.form.hasSeveralSlices
        let stacks = try await SeriesSlices(
            of: needsStacks ? Set(candidates.map(\.seriesID)) : [], splitID: definition.splitID, on: connection)
        return Sources(stacks: stacks, labels: labels, marks: marks, fit: fit)
    }

    // MARK: One sample

    /// **Throws** `Refused`, and `ImagingError` for stored runs that do not fit their slices.
    private func add(
        _ candidate: SampleCandidate, from sources: inout Sources, to result: inout Result
    ) throws {
        let slices = try slices(of: candidate, in: sources.stacks)
        let pixels =
            definition.form.hasSeveralSlices
            ? SliceListDigest.of(slices.slices.map(\.digest)) : candidate.pixelDigest
        do {
            let (target, classes) = try target(of: candidate, slices, from: &sources)
            result.samples.append(
                DraftSample(
                    patientID: candidate.patientID, seriesID: candidate.seriesID, sliceID: slices.middle?.id,
                    annotationID: candidate.annotationID, centre: candidate.centre, fold: candidate.fold,
                    pixelDigest: pixels, slices: definition.form.hasSeveralSlices ? slices.slices : [],
                    target: target, classes: classes))
        } catch let refused as SampleCandidate.Refused where keepsTargetless && refused.why.isOfTarget {
            let site = SampleKey.Site(
                seriesID: candidate.seriesID, sliceID: slices.middle?.id, centre: candidate.centre)
            result.targetless.append(
                Targetless(
                    key: SampleKey(site: site, annotationID: candidate.annotationID), pixelDigest: pixels,
                    why: refused.why))
            throw refused
        }
    }

    private func slices(
        of candidate: SampleCandidate, in stacks: SeriesSlices
    ) throws(SampleCandidate.Refused) -> SampleSlices {
        if definition.form == .volume, (stacks[candidate.seriesID]?.volumes.count ?? 0) > 1 {
            throw SampleCandidate.Refused(why: .severalVolumes)
        }
        if case .crop = definition.form, candidate.centre == nil { throw SampleCandidate.Refused(why: .noCentre) }
        return try stacks.slices(of: candidate, definition.form)
    }

    /// **Throws** `Refused`, and `ImagingError` for stored runs that do not fit their slices.
    private func target(
        of candidate: SampleCandidate, _ slices: SampleSlices, from sources: inout Sources
    ) throws -> (SampleTarget?, SampleClasses) {
        let (labels, marks) = (sources.labels, sources.marks)
        let (values, isConflicting) = labels.values(of: candidate, isVolume: definition.form == .volume)
        if isConflicting { throw SampleCandidate.Refused(why: .conflict) }
        if definition.missing == .drop, values.contains(where: { $0 == nil }) {
            throw SampleCandidate.Refused(why: .noValue)
        }
        if definition.target.marks != nil, !marks.hasBeenRead(candidate.seriesID) {
            throw SampleCandidate.Refused(why: .notRead)
        }
        if marks.lacksMask(of: slices) { throw SampleCandidate.Refused(why: .maskUnplaced) }
        let place = try sources.fit.place(of: slices, series: candidate.seriesID)
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
        return (target, classes)
    }
}
