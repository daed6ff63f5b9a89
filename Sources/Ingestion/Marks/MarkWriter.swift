internal import CanonicalJSON
internal import Datasets
internal import Domains
internal import Imaging
internal import SQLInterface
internal import Warehouse

/// Writes what one source says of one stored series: readings, annotations, contours, masks, ratings, labels, and the
/// objects that several readers agree on.
struct MarkWriter: Sendable {
    let connection: any WarehouseConnection
    let context: RunContext
    /// `readerID` is not used: each mark names its reader.
    let origin: LabelOrigin
    let vocabulary: Vocabulary
    /// Marks of several readers are grouped into objects.
    let isClustered: Bool

    struct Written: Sendable {
        var marks = 0
        var masks = 0
        var labels = 0
        /// Labels that the rules do not understand.
        var quarantined = 0
        var findings = 0
        var contours = 0
        /// Contours whose slice is not there.
        var missingContours = 0

        mutating func add(_ other: Written) {
            marks += other.marks
            masks += other.masks
            labels += other.labels
            quarantined += other.quarantined
            findings += other.findings
            contours += other.contours
            missingContours += other.missingContours
        }
    }

    static let ambiguousCheck = "ambiguous_nodule"
    static let consensusReader = LabelReader(key: "consensus", kind: .consensus)

    /// - Parameter withdrawn: What the marks take the place of.
    func write(
        _ marks: SeriesMarks, on series: MarkedSeries, replacing withdrawn: WithdrawnMarks? = nil
    ) async throws -> Written {
        let readers = try await readers(of: marks, on: series)
        let needsSlices = marks.marks.contains { !$0.contours.isEmpty }
        let slices = needsSlices ? try await series.slices(on: connection) : nil
        let placed = try marks.marks.map { try PlacedMark($0, on: series, slices: slices) }
        var rows = MarkRows(series: series, origin: origin)
        let ids = try await ids(
            marks.marks.map { (readers[$0.reader] ?? 0, $0.key) }, of: series)
        for (mark, id) in zip(placed, ids) { rows.add(mark, id: id, readerID: readers[mark.mark.reader] ?? 0) }
        var written = Written()
        if isClustered {
            written.findings += try await PlacementOddities(
                connection: connection, context: context, origin: origin
            ).refresh(placed)
            let nodules = try NoduleGroups(placed, sliceThickness: series.sliceThickness).nodules
            written.findings += try await add(nodules, of: placed, ids: ids, to: &rows)
        }
        try await withdrawn?.moveReplacements(to: rows.nodules)
        try await rows.load(on: connection, replacing: withdrawn?.ids ?? [])
        written.marks = rows.annotationCount
        written.masks = rows.maskCount
        written.contours = placed.reduce(0) { $0 + $1.contours.count }
        written.missingContours = placed.reduce(0) { $0 + $1.missingContours }
        written.labels = rows.labels.count
        written.quarantined = try await write(rows.labels)
        written.findings += try await withdrawn?.correctAgain(rows.nodules) ?? 0
        return written
    }

    // MARK: Readers and ids

    /// Whoever is named has looked, whether or not anything was marked.
    private func readers(of marks: SeriesMarks, on series: MarkedSeries) async throws -> [String: Int64] {
        var ids: [String: Int64] = [:]
        for reading in marks.readings {
            let reader = LabelReader(key: reading.reader, kind: reading.kind)
            let id = try await ReaderRegistry(connection: connection).id(of: reader, datasetID: origin.datasetID)
            ids[reading.reader] = id
            try await connection.execute(
                """
                INSERT INTO reading (patient_id, series_id, reader_id, session)
                VALUES (\(series.patientID), \(series.seriesID), \(id), \(reading.session)) ON CONFLICT DO NOTHING
                """)
        }
        return ids
    }

    private func ids(_ marks: [(readerID: Int64, key: String)], of series: MarkedSeries) async throws -> [Int64] {
        let keys = marks.map { mark -> [SQLValue] in
            [.integer(series.seriesID), .integer(mark.readerID), .text(key(mark.key))]
        }
        let resolved = try await KeyResolver(connection: connection).resolve(
            keys, in: .annotation, of: [series.patientID])
        return keys.compactMap { resolved[$0] }
    }

    /// `annotation_key`: a corrected file is another source, whose marks stand beside those of the first.
    private func key(_ mark: String) -> String { "\(origin.sourceID)/\(mark)" }

    // MARK: Objects of several readers

    /// A nodule is called after one of its readings.
    static func noduleKey(reader: String, mark: String) -> String { "consensus:\(reader):\(mark)" }

    private func add(
        _ nodules: [NoduleGroups.Nodule], of placed: [PlacedMark], ids: [Int64], to rows: inout MarkRows
    ) async throws -> Int {
        guard !nodules.isEmpty else { return 0 }
        let reader = try await ReaderRegistry(connection: connection).id(
            of: Self.consensusReader, datasetID: origin.datasetID)
        let names = nodules.map { nodule in
            nodule.members.map { Self.noduleKey(reader: placed[$0].mark.reader, mark: placed[$0].mark.key) }
        }
        let nodIDs = try await self.ids(names.map { (reader, $0[0]) }, of: rows.series)
        for ((nodule, id), own) in zip(zip(nodules, nodIDs), names) {
            rows.add(
                nodule, id: id, keys: own.map(key), readerID: reader, memberIDs: nodule.members.map { ids[$0] })
        }
        let ambiguous = nodules.count { $0.isAmbiguous }
        guard ambiguous > 0 else { return 0 }
        return try await FindingWriter(connection: connection, context: context).write([
            Finding(
                check: Self.ambiguousCheck, severity: .warning,
                subject: .series(patientID: rows.series.patientID, seriesID: rows.series.seriesID),
                sentence: "\(ambiguous) nodules of this series have more readings than there were readers: neighbours "
                    + "that no distance tells apart.")
        ])
    }

    // MARK: Labels

    /// Labels of annotations, by reader. Returns how many the rules do not understand.
    private func write(_ labels: [MarkRows.LabelRow]) async throws -> Int {
        guard !labels.isEmpty else { return 0 }
        let domains = try await VocabularyRegistry(connection: connection, clock: context.clock).register(
            vocabulary, fileName: vocabulary.name + ".yaml")
        var quarantined = 0
        for (readerID, own) in Dictionary(grouping: labels, by: \.readerID).sorted(by: { $0.key < $1.key }) {
            let origin = LabelOrigin(
                datasetID: origin.datasetID, sourceID: origin.sourceID, readerID: readerID,
                sourceFileID: origin.sourceFileID, runID: origin.runID)
            let written = try await LabelWriter(connection: connection, domains: domains).write(
                own.map(\.label), from: origin)
            quarantined += written.quarantined
        }
        return quarantined
    }
}
