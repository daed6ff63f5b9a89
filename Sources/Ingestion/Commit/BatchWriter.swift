internal import Datasets
internal import Imaging
internal import SQLInterface
internal import Warehouse

/// Writes whole series in one transaction: pixels as they come, everything small at the end, shared parents last.
///
/// **Cost** memory is `loadByteLimit` of encoded pixels plus the metadata of the batch's slices.
struct BatchWriter {
    private let connection: any WarehouseConnection
    private let context: RunContext
    private let plan: RunPlan
    private var drafts: [SeriesDraft] = []
    private var pending: [PendingSlice] = []
    private var pendingBytes = 0
    private(set) var tally = BatchTally()

    /// A new slice whose pixels wait to be loaded.
    private struct PendingSlice {
        let draft: Int
        let variant: Int
        let seriesID: Int64
        let prepared: PreparedSlice
        let candidate: SliceCandidate
    }

    /// Begins the transaction and claims the series.
    ///
    /// Claims are taken in order of id, so that two runs over the same files wait for each other and never deadlock;
    /// what the other run stored is then known here.
    init(
        _ plans: [SeriesPlan], on connection: any WarehouseConnection, context: RunContext, plan: RunPlan
    ) async throws {
        self.connection = connection
        self.context = context
        self.plan = plan
        try await connection.begin(.write)
        let claims = try await BatchCatalogue.claimKeys(of: plans, on: connection)
        for key in claims { try await connection.claimWaiting(key: key) }
        let catalogue = try await BatchCatalogue(of: plans, on: connection)
        for (index, plan) in plans.enumerated() {
            drafts.append(
                SeriesDraft(
                    plan: plan, identity: catalogue.identities[index], seriesID: catalogue.seriesIDs[index],
                    stored: catalogue.stored[index]))
        }
        context.failpoints.pass(.batchBegun)
    }

    /// Takes the next file of a series, in the order of the plan.
    mutating func add(_ file: PreparedFile, of read: PlannedRead) async throws {
        let (entry, draft) = (read.entry, read.series)
        switch file.outcome {
        case .rejected(let rejection):
            drafts[draft].files.append(
                SeriesDraft.FileResult(
                    entry: entry, sha256: file.sha256, outcome: .rejected(code: rejection.code),
                    rejection: rejection, places: [], warnings: file.warnings,
                    data: read.data.map {
                        SeriesDraft.DataFile(entry: $0, sha256: nil, outcome: .ignored(reason: Self.headerRefused))
                    }))
            tally.reject(rejection.code)
            if read.data != nil { tally.ignore(Self.headerRefused) }
        case .object(let object):
            try await addObject(object, of: file, entry: entry, to: draft)
        case .slices(let slices):
            var places: [SeriesDraft.FramePlace] = []
            for slice in slices { places.append(try await add(slice, of: file, entry: entry, to: draft)) }
            for variant in Set(places.filter(\.isNew).map(\.variant)) {
                drafts[draft].variants[variant, default: VariantDraft()].facts.learn(from: file)
            }
            if pendingBytes >= context.settings.loadByteLimit { try await flush() }
            let first = slices.first?.instanceNumber ?? 1
            let isVolume = [FileReader.nifti, .metaImage].contains(read.planned.reader)
            append(
                file, entry: entry, places: places, isNew: places.contains(where: \.isNew),
                header: places.first?.isNew == false ? slices.first?.header : nil,
                volume: isVolume ? VolumeHeader(of: file, slices, at: places) : nil, to: draft, data: read.data,
                grid: file.geometry.map { MaskGrids.Grid(geometry: $0, firstNumber: first) })
        }
    }

    private static let headerRefused = "voxels whose header file was refused"

    /// Writes everything but the pixels, which are there already, and commits.
    mutating func finish() async throws {
        try await flush()
        context.failpoints.pass(.pixelsLoaded)
        let sourceIDs = try await writeSources()
        let writer = SeriesWriter(connection: connection, context: context, plan: plan, sourceIDs: sourceIDs)
        tally.add(try await writer.write(drafts))
        context.failpoints.pass(.seriesWritten)
        try await ParentWriter(connection: connection, clock: context.clock).write(drafts.filter(\.hasRows))
        context.failpoints.pass(.parentsWritten)
        try await connection.execute(
            "UPDATE ingest_run SET heartbeat_at = \(context.clock()) WHERE ingest_run_id = \(context.runID)")
        context.failpoints.pass(.beforeCommit)
        try await connection.commit()
        context.failpoints.pass(.afterCommit)
    }

    private var resolver: KeyResolver { KeyResolver(connection: connection) }

    // MARK: Slices

    private mutating func add(
        _ slice: PreparedSlice, of file: PreparedFile, entry: RunPlan.PlannedEntry, to draft: Int
    ) async throws -> SeriesDraft.FramePlace {
        switch drafts[draft].decide(slice) {
        case .known(let variant):
            if context.settings.rehash { try await mend(slice, of: variant, in: draft) }
            return SeriesDraft.FramePlace(variant: variant, mergeKey: slice.mergeKey, isNew: false, place: slice.place)
        case .new(let variant):
            let candidate = SliceCandidate(
                plane: slice.plane, sliceLocation: slice.sliceLocation, instanceNumber: slice.instanceNumber,
                name: entry.file.relativePath + (slice.frameNumber.map { "#\($0)" } ?? ""),
                traits: slice.traits.merging([.matrix: slice.pixels.matrix]) { first, _ in first })
            pending.append(
                PendingSlice(
                    draft: draft, variant: variant,
                    seriesID: try await drafts[draft].seriesID(of: variant, resolvedBy: resolver),
                    prepared: slice, candidate: candidate))
            pendingBytes += slice.encodedByteCount
            if slice.place.frame == 0 {
                drafts[draft].variants[variant, default: VariantDraft()].removed.merge(
                    file.removed, uniquingKeysWith: +)
            }
            return SeriesDraft.FramePlace(variant: variant, mergeKey: slice.mergeKey, isNew: true, place: slice.place)
        }
    }

    private mutating func mend(_ slice: PreparedSlice, of variant: Int, in draft: Int) async throws {
        guard let id = drafts[draft].stored.variants[variant]?.slices[slice.mergeKey]?.sliceID else { return }
        let mender = PixelMender(connection: connection)
        let patientID = drafts[draft].identity.patientID
        if try await mender.mend(slice, patientID: patientID, sliceID: id) { tally.slicesMended += 1 }
    }

    private mutating func addObject(
        _ object: PreparedObject, of file: PreparedFile, entry: RunPlan.PlannedEntry, to draft: Int
    ) async throws {
        let same = try await variant(of: object, in: drafts[draft])
        let number = same ?? (drafts[draft].lastVariant.map { $0 + 1 } ?? 0)
        if same == nil {
            _ = try await drafts[draft].seriesID(of: number, resolvedBy: resolver)
            var variant = VariantDraft()
            variant.object = object
            variant.removed = file.removed
            drafts[draft].variants[number] = variant
        }
        append(file, entry: entry, places: [], isNew: same == nil, objectVariant: number, to: draft)
    }

    /// The variant that has the header of an object; `nil` where the object is new or came with another header.
    private func variant(of object: PreparedObject, in draft: SeriesDraft) async throws -> Int? {
        if let number = draft.variants.first(where: { $0.value.object?.header == object.header })?.key { return number }
        let stored = StoredSlices(connection: connection)
        for (number, variant) in draft.stored.variants.sorted(by: { $0.key < $1.key }) {
            let header = try await stored.common(seriesID: variant.seriesID, patientID: draft.identity.patientID)
            if header == object.header { return number }
        }
        return nil
    }

    private mutating func append(
        _ file: PreparedFile, entry: RunPlan.PlannedEntry, places: [SeriesDraft.FramePlace], isNew: Bool,
        objectVariant: Int? = nil, header: HeaderAccumulator.Header? = nil, volume: VolumeHeader? = nil,
        to draft: Int, data: RunPlan.PlannedEntry? = nil, grid: MaskGrids.Grid? = nil
    ) {
        let outcome: SourceOutcome = isNew ? .stored : .known
        drafts[draft].files.append(
            SeriesDraft.FileResult(
                entry: entry, sha256: file.sha256, outcome: outcome, rejection: file.refusalInPart, places: places,
                warnings: file.warnings, objectVariant: objectVariant, header: header, volume: volume,
                data: data.map { SeriesDraft.DataFile(entry: $0, sha256: file.dataSHA256, outcome: outcome) },
                grid: grid, unlistedValues: file.unlistedValues))
        // A file whose partner is new may itself be known since the scan, and is counted already.
        let count = [entry, data].compactMap(\.self).count { !$0.isKnown }
        if isNew { tally.stored += count } else { tally.known += count }
        if file.refusalInPart != nil { tally.incomplete += 1 }
    }

    /// Loads the pending pixels and turns the pending slices into records.
    private mutating func flush() async throws {
        guard !pending.isEmpty else { return }
        let keys = pending.map { [SQLValue.integer($0.seriesID), .text($0.prepared.sliceKey)] }
        let patients = Set(pending.map { drafts[$0.draft].identity.patientID })
        let ids = try await resolver.resolve(keys, in: .slice, of: patients)
        var rows: [[SQLValue]] = []
        for (slice, key) in zip(pending, keys) {
            guard let id = ids[key] else { continue }
            rows += slice.prepared.pixelRows(patientID: drafts[slice.draft].identity.patientID, sliceID: id)
            drafts[slice.draft].variants[slice.variant, default: VariantDraft()].append(
                slice.prepared, id: id, candidate: slice.candidate)
        }
        try await connection.load(table: "slice_pixels", columns: PreparedSlice.pixelColumns, rows: rows)
        pending.removeAll(keepingCapacity: true)
        pendingBytes = 0
    }

    // MARK: Files

    private func writeSources() async throws -> [Int: Int64] {
        let rows = drafts.flatMap { draft in
            draft.files.flatMap { file in
                var rows = [sourceRow(file.entry, sha256: file.sha256, outcome: file.outcome, of: draft)]
                rows[0].isRefusedInPart = file.rejection != nil && file.outcome == .known
                if let data = file.data {
                    rows.append(sourceRow(data.entry, sha256: data.sha256, outcome: data.outcome, of: draft))
                }
                return rows
            }
        }
        let ids = try await SourceWriter(connection: connection, context: context).write(rows)
        let rejections = drafts.flatMap(\.files).compactMap { file in
            file.rejection.map {
                Rejection(
                    fileNumber: file.entry.file.number, row: nil, stage: $0.stage, code: $0.code,
                    sentence: $0.sentence, byteOffset: $0.byteOffset)
            }
        }
        try await RejectionWriter(connection: connection, context: context).write(rejections, sourceIDs: ids)
        return ids
    }

    private func sourceRow(
        _ entry: RunPlan.PlannedEntry, sha256: [UInt8]?, outcome: SourceOutcome, of draft: SeriesDraft
    ) -> SourceRow {
        SourceRow(
            file: entry.file, status: entry.status, kind: draft.plan.dataset.patientKeyKind,
            datasetID: draft.hasRows ? draft.identity.datasetID : nil, sha256: sha256, outcome: outcome)
    }
}

extension SeriesDraft {
    /// Whether the warehouse has, or will have, rows below this series' patient.
    var hasRows: Bool { !variants.isEmpty || !stored.variants.isEmpty }

    /// The highest variant there is, stored or new.
    var lastVariant: Int? { (Array(variants.keys) + stored.variants.keys).max() }

    func naturalKey(of variant: Int) -> [SQLValue] {
        [.integer(identity.studyID), .text(plan.reference.seriesKey), .integer(Int64(variant))]
    }
}

extension VariantDraft {
    fileprivate mutating func append(_ slice: PreparedSlice, id: Int64, candidate: SliceCandidate) {
        ids[slice.mergeKey] = id
        records.append(
            SliceRecord(
                sliceID: id, isNew: true, candidate: candidate, pixels: slice.pixels,
                hasRescale: slice.rescale != nil, mergeKey: slice.mergeKey, prepared: slice.withoutTiles()))
    }
}

extension WarehouseConnection {
    /// Claims a key until the transaction ends, waiting for whoever has it; SQLite has one writer anyway.
    func claimWaiting(key: Int64) async throws {
        guard engine == .postgresql else { return }
        _ = try await rows("SELECT pg_advisory_xact_lock(\(key))")
    }
}

/// What one transaction adds to the counts of a run.
struct BatchTally: Sendable {
    var stored = 0
    var known = 0
    /// Files of which some frames are in quarantine; they are among the stored or known ones.
    var incomplete = 0
    var rejectedByCode: [String: Int] = [:]
    var ignoredByReason: [String: Int] = [:]
    var series = 0
    var slices = 0
    /// Stored slices whose pixels were missing or damaged, and written anew.
    var slicesMended = 0
    var masks = 0
    var findings = 0

    mutating func reject(_ code: String) { rejectedByCode[code, default: 0] += 1 }
    mutating func ignore(_ reason: String) { ignoredByReason[reason, default: 0] += 1 }

    mutating func add(_ written: SeriesWriter.Written) {
        series += written.series
        slices += written.slices
        masks += written.masks
        findings += written.findings
    }
}
