internal import DICOM
internal import Datasets
internal import Imaging
internal import SQLInterface
internal import Warehouse

/// Writes the small rows of a batch's series: slices, series, headers, sources, masks, findings.
struct SeriesWriter: Sendable {
    let connection: any WarehouseConnection
    let context: RunContext
    let plan: RunPlan
    /// Ids of this batch's files by file number.
    let sourceIDs: [Int: Int64]

    struct Written: Sendable {
        var series = 0
        var slices = 0
        var masks = 0
        var findings = 0
    }

    func write(_ drafts: [SeriesDraft]) async throws -> Written {
        var written = Written()
        var loads = RowLoads()
        var findings: [Finding] = []
        var grown: [Int64] = []
        let companions = try await CompanionIndex(of: drafts, on: connection)
        for draft in drafts {
            for number in draft.variants.keys.sorted() {
                let rows = try await variant(number, of: draft, companions: companions)
                if draft.stored.variants[number] != nil {
                    try await SeriesGrowth(connection: connection).clear(rows)
                    grown.append(rows.series.seriesID)
                }
                rows.add(to: &loads, isGrowth: draft.stored.variants[number] != nil)
                loads.add(objectSources(of: draft, rows), columns: Self.objectColumns, to: "series_source")
                if number == 0 { loads.add(headerSources(of: draft), columns: Self.objectColumns, to: "series_source") }
                findings += rows.findings
                written.series += draft.stored.variants[number] == nil ? 1 : 0
                written.slices += rows.records.count { $0.isNew }
            }
            loads.add(sourceRows(of: draft, areNew: true), columns: Self.sourceColumns, to: "slice_source")
        }
        try await loads.write(on: connection)
        var oddities = drafts.flatMap { fileFindings(of: $0) }
        let comparison = HeaderComparison(connection: connection, sourceIDs: sourceIDs)
        for draft in drafts { oddities += try await comparison.findings(of: draft) }
        try await FileOddities(connection: connection, context: context).end(
            of: drafts.flatMap(\.files).compactMap { sourceIDs[$0.entry.file.number] }, but: oddities)
        findings += oddities
        for seriesID in grown { try await AnnotationPlaces(connection: connection).update(seriesID: seriesID) }
        for draft in drafts {
            try await addKnownSources(of: draft)
            try await releaseVoxels(of: draft)
        }
        for draft in drafts {
            written.masks += try await annotate(draft, companions: companions, findings: &findings)
            written.masks += try await addOverlays(of: draft)
        }
        for draft in drafts where draft.hasGrown {
            findings += try await MaskCoverage(connection: connection).findings(ofGrown: draft)
        }
        written.findings = try await FindingWriter(connection: connection, context: context).write(findings)
        return written
    }

    // MARK: Variants

    /// The rows of one variant, the slices that are stored already included.
    private func variant(
        _ number: Int, of draft: SeriesDraft, companions: CompanionIndex
    ) async throws -> VariantRows {
        let fresh = draft.variants[number] ?? VariantDraft()
        let stored = draft.stored.variants[number]
        let seriesID = draft.seriesID(of: number) ?? draft.firstSeriesID
        var slices = VariantSlices(new: fresh.records)
        var removed = fresh.removed
        var facts = fresh.facts
        if let stored {
            facts.merge(stored.facts)
            let reader = StoredSlices(connection: connection)
            let patientID = draft.identity.patientID
            slices = try await reader.read(seriesID: stored.seriesID, patientID: patientID, plan: plan)
                .followed(by: slices)
            removed.merge(
                try await reader.removed(seriesID: stored.seriesID, patientID: patientID), uniquingKeysWith: +)
        }
        let assembly = fresh.object == nil ? assemble(slices.records, facts, of: draft) : nil
        let row = SeriesRow(
            plan: draft.plan, identity: draft.identity, seriesID: seriesID, variant: number,
            revision: (stored?.revision ?? 0) + 1, sliceCount: slices.records.count, assembly: assembly,
            facts: facts, companionOf: companion(of: draft, companions),
            derivedFrom: try await WaitingDerivations(connection: connection).seriesID(
                of: draft.plan.source, patientID: draft.identity.patientID),
            conflictOf: number == 0 ? nil : draft.firstSeriesID, runID: context.runID)
        return VariantRows(series: row, slices: slices, object: fresh.object, removed: removed)
    }

    private func assemble(
        _ records: [SliceRecord], _ facts: SeriesFacts, of draft: SeriesDraft
    ) -> SeriesAssembly {
        if let geometry = facts.geometry, geometry.slices == records.count {
            return SeriesAssembly(storedAs: geometry, records: records)
        }
        let isPicture = draft.plan.files.allSatisfy { $0.reader == .jpeg || $0.reader == .png }
        return SeriesAssembly(ordering: records, isPhoto: isPicture && records.count == 1)
    }

    // MARK: Masks

    /// Marks what the new slices of a mask series mark on its image series; without one, the masks wait for it.
    private func annotate(
        _ draft: SeriesDraft, companions: CompanionIndex, findings: inout [Finding]
    ) async throws -> Int {
        guard let plan = draft.plan.mask else { return 0 }
        guard let imageSeriesID = companion(of: draft, companions) else {
            guard draft.variants[0] != nil else { return 0 }
            findings.append(
                Finding(
                    check: "mask_without_image", severity: .warning,
                    subject: .series(patientID: draft.identity.patientID, seriesID: draft.firstSeriesID),
                    sentence: "The image series that this mask belongs to is not in the warehouse; the mask waits."))
            return 0
        }
        let place = MaskWriter.Place(
            datasetID: draft.identity.datasetID, patientID: draft.identity.patientID, imageSeriesID: imageSeriesID,
            maskSeriesID: draft.firstSeriesID)
        let drawings = MaskDrawings(connection: connection, context: context)
        switch try await MaskGrids(connection: connection).judge(
            draft, of: plan, sourceIDs: sourceIDs, in: place, findings: &findings)
        {
        case .differs: return 0
        case .fitsNow: return try await drawings.markAnew(plan, in: place, findings: &findings)
        case .fits: break
        }
        var count = 0
        if let records = draft.variants[0]?.records {
            let (writer, slices) = (MaskWriter(connection: connection, context: context), maskSlices(of: records))
            count += try await writer.write(slices, of: plan, in: place)
            findings += MaskWriter.findings(try await writer.placement(of: slices, in: place), in: place)
            findings += try await MaskCoverage(connection: connection).findings(in: place)
        }
        var isChanged = draft.hasSeveralVariants || draft.hasGrown
        if !isChanged, draft.stored.variants[0] != nil { isChanged = try await drawings.mayHaveChanged(in: place) }
        guard isChanged else { return count }
        return try await count + drawings.settle(plan, in: place, findings: &findings)
    }

    /// The image of a mask or second rendering; `nil` while a stored one waits, which `WaitingCompanions` ends.
    private func companion(of draft: SeriesDraft, _ companions: CompanionIndex) -> Int64? {
        draft.stored.variants[0]?.isTied == false ? nil : companions.companion(of: draft)
    }

    private func maskSlices(of records: [SliceRecord]) -> [MaskWriter.Slice] {
        records.flatMap { record in
            (record.prepared?.marked ?? []).map { marked in
                MaskWriter.Slice(
                    sliceID: record.sliceID, instanceNumber: record.candidate.instanceNumber,
                    rows: record.pixels.rows, columns: record.pixels.columns, marked: marked)
            }
        }
    }

    private func addOverlays(of draft: SeriesDraft) async throws -> Int {
        guard draft.plan.mask == nil else { return 0 }
        let writer = OverlayWriter(connection: connection, context: context)
        var count = 0
        for (number, variant) in draft.variants.sorted(by: { $0.key < $1.key }) {
            let marks = variant.records.flatMap { record in
                (record.prepared?.marked ?? []).map { OverlayWriter.Mark(sliceID: record.sliceID, region: $0) }
            }
            guard !marks.isEmpty, let seriesID = draft.seriesID(of: number) else { continue }
            count += try await writer.write(marks, on: seriesID, of: draft.identity.patientID)
        }
        return count
    }

    // MARK: Sources

    private static let sourceColumns = [
        "patient_id", "slice_id", "source_file_id", "frame_number", "byte_offset", "byte_length", "sha256",
    ]

    private func sourceRows(of draft: SeriesDraft, areNew: Bool) -> [[SQLValue]] {
        draft.files.flatMap { file -> [[SQLValue]] in
            guard let sourceID = sourceIDs[file.frameFile.number] else { return [] }
            return file.places.filter { $0.isNew == areNew }.compactMap { place in
                draft.sliceID(of: place).map { id in
                    [
                        .integer(draft.identity.patientID), .integer(id), .integer(sourceID),
                        .integer(Int64(place.place.frame + 1)), SQLValue(place.place.byteOffset),
                        SQLValue(place.place.byteLength), SQLValue(file.frameFile.sha256),
                    ]
                }
            }
        }
    }

    private static let objectColumns = ["patient_id", "series_id", "source_file_id", "sha256"]

    /// The file of an object without pixels, which has no slice to hang it on.
    private func objectSources(of draft: SeriesDraft, _ rows: VariantRows) -> [[SQLValue]] {
        draft.files.filter { $0.objectVariant == rows.series.variant && $0.outcome == .stored }.compactMap { file in
            objectSource(file, of: draft, seriesID: rows.series.seriesID)
        }
    }

    private func objectSource(
        _ file: SeriesDraft.FileResult, of draft: SeriesDraft, seriesID: Int64
    ) -> [SQLValue]? {
        sourceIDs[file.entry.file.number].map {
            [.integer(draft.identity.patientID), .integer(seriesID), .integer($0), SQLValue(file.sha256)]
        }
    }

    /// Headers whose voxels are in another file, which the slices point to; a series that grows has its own already.
    private func headerSources(of draft: SeriesDraft) -> [[SQLValue]] {
        guard draft.stored.variants.isEmpty else { return [] }
        return draft.files.filter { $0.data != nil && $0.outcome == .stored }.compactMap { file in
            objectSource(file, of: draft, seriesID: draft.firstSeriesID)
        }
    }

    /// Another copy of a slice or object that was there already adds its file to the sources, and so does a header
    /// whose voxels were there.
    private func addKnownSources(of draft: SeriesDraft) async throws {
        for row in sourceRows(of: draft, areNew: false) { try await addSliceSource(row) }
        for file in draft.files where file.outcome == .known {
            guard let variant = file.objectVariant, let seriesID = draft.seriesID(of: variant),
                let row = objectSource(file, of: draft, seriesID: seriesID)
            else { continue }
            try await add(row, columns: Self.objectColumns, to: "series_source")
        }
        for file in draft.files where file.data != nil {
            let isOfGrowth = file.outcome == .stored && !draft.stored.variants.isEmpty
            guard file.outcome == .known || isOfGrowth,
                let row = objectSource(file, of: draft, seriesID: draft.firstSeriesID)
            else { continue }
            try await add(row, columns: Self.objectColumns, to: "series_source")
        }
    }

    /// What MetaImage files hold no longer, where one of header and voxels changed alone.
    private func releaseVoxels(of draft: SeriesDraft) async throws {
        let volumes = Set(draft.plan.files.filter { $0.reader == .metaImage }.map(\.file.number))
        let released = ReleasedVoxels(connection: connection)
        for file in draft.files where volumes.contains(file.entry.file.number) && !file.places.isEmpty {
            guard file.data == nil || !draft.stored.variants.isEmpty else { continue }
            guard let sourceID = sourceIDs[file.frameFile.number], let sha256 = file.frameFile.sha256 else { continue }
            try await released.release(
                butFor: ReleasedVoxels.Given(
                    sourceID: sourceID, sha256: sha256,
                    sliceIDs: Set(file.places.compactMap { draft.sliceID(of: $0) }),
                    patientID: draft.identity.patientID, seriesID: draft.firstSeriesID, isPair: file.data != nil))
        }
    }

    /// A file that changed may hold what it held, at another place of it.
    private func addSliceSource(_ row: [SQLValue]) async throws {
        _ = try await connection.execute(
            """
            INSERT INTO slice_source (\(raw: Self.sourceColumns.joined(separator: ", "))) VALUES \(list: row)
            ON CONFLICT (patient_id, slice_id, source_file_id, frame_number) DO UPDATE
            SET byte_offset = excluded.byte_offset, byte_length = excluded.byte_length, sha256 = excluded.sha256
            """)
    }

    private func add(_ row: [SQLValue], columns: [String], to table: String) async throws {
        _ = try await connection.execute(
            """
            INSERT INTO \(identifier: table) (\(raw: columns.joined(separator: ", "))) VALUES \(list: row)
            ON CONFLICT DO NOTHING
            """)
    }

    // MARK: Findings

    /// Oddities after which the stored numbers may be others than the source means, or some are missing.
    private static let severe: Set<DICOMWarning.Code> = [
        .unusualHighBit, .unknownTransferSyntax, .unusableRescale, .pixelDataShort, .damagedFrames, .missingFrames,
        .missingPixelRepresentation, .severalPatientIDs,
    ]

    private func fileFindings(of draft: SeriesDraft) -> [Finding] {
        draft.files.flatMap { file -> [Finding] in
            guard let sourceID = sourceIDs[file.entry.file.number] else { return [] }
            let unlisted = UnlistedValues(file.unlistedValues).map { [$0.finding(of: sourceID)] } ?? []
            let odd = Set(file.warnings).sorted().map { code -> Finding in
                let known = DICOMWarning.Code(rawValue: code)
                let isSevere = known.map { Self.severe.contains($0) } ?? false
                return Finding(
                    check: code, severity: isSevere ? .warning : .info, subject: .sourceFile(sourceID),
                    sentence: known?.sentence ?? StorableFacts.sentence(of: code)
                        ?? VolumePreparer.sentence(of: code)
                        ?? "Something about the file is odd: \(code)."
                )
            }
            return unlisted + odd
        }
    }
}

extension SeriesDraft {
    func sliceID(of place: FramePlace) -> Int64? {
        variants[place.variant]?.ids[place.mergeKey] ?? stored.variants[place.variant]?.slices[place.mergeKey]?.sliceID
    }
}
