internal import CanonicalJSON
internal import SQLInterface
internal import Warehouse

/// Turns what a query chose into samples: slices, targets, order. Reads only.
struct TrainingSetAssembly: Sendable {
    struct Result: Sendable {
        /// In order of sample number.
        var samples: [DraftSample] = []
        var refused: [SampleCandidate.Refusal: Int] = [:]
    }

    let definition: TrainingSetDefinition
    let connection: any WarehouseConnection

    func run() async throws -> Result {
        let (candidates, refused) = try await CandidateReader(
            form: definition.form, query: definition.query, splitID: definition.splitID,
            includesVariants: definition.includesVariants
        ).read(on: connection)
        let labels = try await LabelValues(
            definition.domains, levels: definition.levels, form: definition.form, conflicts: definition.conflicts,
            splitID: definition.splitID, on: connection)
        let marks = try await MarkValues(definition.target, splitID: definition.splitID, on: connection)
        let needsStacks = definition.form.hasSeveralSlices
        let stacks = try await SeriesSlices(
            of: needsStacks ? Set(candidates.map(\.seriesID)) : [], splitID: definition.splitID, on: connection)
        var result = Result(refused: refused)
        result.samples.reserveCapacity(candidates.count)
        for candidate in candidates {
            switch draft(candidate, labels, marks, stacks) {
            case .success(let sample): result.samples.append(sample)
            case .failure(let refusal): result.refused[refusal.why, default: 0] += 1
            }
        }
        result.samples.sort(by: DraftSample.precedes)
        return result
    }

    private struct Refused: Error { let why: SampleCandidate.Refusal }

    private func draft(
        _ candidate: SampleCandidate, _ labels: LabelValues, _ marks: MarkValues, _ stacks: SeriesSlices
    ) -> Swift.Result<DraftSample, Refused> {
        var slices: [SeriesSlices.Slice] = []
        var sliceID = candidate.sliceID
        if definition.form.hasSeveralSlices {
            if definition.form == .volume, (stacks[candidate.seriesID]?.volumes.count ?? 0) > 1 {
                return .failure(Refused(why: .severalVolumes))
            }
            guard let made = stacks.slices(of: candidate, definition.form) else {
                return .failure(Refused(why: .outsideVolume))
            }
            slices = made.slices
            sliceID = made.centre?.id
        }
        let (values, isConflicting) = labels.values(of: candidate, isVolume: definition.form == .volume)
        if isConflicting { return .failure(Refused(why: .conflict)) }
        if definition.missing == .drop, values.contains(where: { $0 == nil }) {
            return .failure(Refused(why: .noValue))
        }
        let sliceIDs = slices.isEmpty ? candidate.sliceID.map { [$0] } ?? [] : slices.map(\.id)
        let target: SampleTarget?
        let classes: SampleClasses
        switch definition.target {
        case .none: (target, classes) = (nil, .none)
        case .labels(let domains):
            let own = Array(values.prefix(domains.count))
            target = SampleTarget(.array(own.map { $0.map(JSONValue.number) ?? .null }))
            classes = .labels(own)
        case .grade:
            guard let value = values.first ?? nil else { return .failure(Refused(why: .noValue)) }
            (target, classes) = (SampleTarget(.number(value)), .grade(value))
        case .mask, .spheres:
            guard marks.hasBeenRead(candidate.seriesID) else { return .failure(Refused(why: .noValue)) }
            (target, classes) = marked(candidate, sliceIDs, marks, stacks)
        }
        return .success(
            DraftSample(
                patientID: candidate.patientID, seriesID: candidate.seriesID, sliceID: sliceID,
                annotationID: candidate.annotationID, centre: candidate.centre, fold: candidate.fold,
                pixelDigest: slices.isEmpty
                    ? candidate.pixelDigest : FileDigest.sha256(slices.flatMap(\.digest)),
                slices: slices, target: target, classes: classes))
    }

    private func marked(
        _ candidate: SampleCandidate, _ sliceIDs: [Int64], _ marks: MarkValues, _ stacks: SeriesSlices
    ) -> (SampleTarget, SampleClasses) {
        if case .mask = definition.target {
            let stack = stacks[candidate.seriesID]
            let size = stack.map { $0.rows * $0.columns } ?? candidate.pixelCount
            return (
                marks.mask(of: sliceIDs),
                .mask(marked: marks.voxelCount(of: sliceIDs), all: sliceIDs.count * size)
            )
        }
        var range: ClosedRange<Double>?
        switch definition.form {
        case .volume: range = nil
        case .crop(let shape, _):
            let middle = candidate.centre?.slice ?? 0
            range = middle - Double(shape.slices) / 2...middle + Double(shape.slices) / 2
        case .slice, .image, .context:
            let index = Double(candidate.sliceIndex ?? 0)
            range = index...index
        }
        let target = marks.spheres(of: candidate.seriesID, slices: range)
        return (target, .spheres(count: target.json.array?.count ?? 0))
    }
}
