internal import Datasets
internal import Foundation
internal import SQLInterface
internal import Warehouse

/// Marks on series that are not in the warehouse, or only in part: they become annotations as the slices arrive.
struct WaitingMarks: Sendable {
    let connection: any WarehouseConnection
    let context: RunContext
    let vocabularies: VocabularyLibrary

    /// What a source says of one series, with what it waits for.
    struct Entry: Sendable {
        let marks: SeriesMarks
        /// `series_absent` or `slice_absent`.
        let reason: String
        /// Contours that have a slice.
        let contourCount: Int

        init(_ marks: SeriesMarks, reason: String, contourCount: Int) {
            self.marks = marks
            self.reason = reason
            self.contourCount = contourCount
        }
    }

    // MARK: Keeping

    private static let columns = [
        "annotation_unresolved_id", "dataset_id", "label_source_id", "series_key", "vocabulary", "mark_count",
        "contour_count", "content", "is_clustered", "reason", "ingest_run_id",
    ]

    func keep(_ entries: [Entry], of origin: LabelOrigin, vocabulary: String, isClustered: Bool) async throws {
        let rows = try entries.map { entry -> [SQLValue] in
            let key = ContentKey(
                "annotation_unresolved", .integer(origin.sourceID), .text(entry.marks.seriesKey))
            return [
                .integer(key.id()), .integer(origin.datasetID), .integer(origin.sourceID),
                .text(entry.marks.seriesKey), .text(vocabulary), .integer(Int64(entry.marks.marks.count)),
                .integer(Int64(entry.contourCount)), .text(try Self.text(of: entry.marks)), .boolean(isClustered),
                .text(entry.reason), .integer(origin.runID),
            ]
        }
        try await connection.load(table: "annotation_unresolved", columns: Self.columns, rows: rows)
    }

    /// The same marks give the same text: keys are sorted.
    static func text(of marks: SeriesMarks) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(marks), as: UTF8.self)
    }

    // MARK: Resolving

    /// Writes the marks of series that have arrived, one transaction a series.
    func resolve() async throws -> MarkWriter.Written {
        var total = MarkWriter.Written()
        var last: Int64 = -1
        while true {
            let page = try await connection.rows(
                """
                SELECT annotation_unresolved_id, dataset_id, series_key, label_source_id FROM annotation_unresolved
                WHERE annotation_unresolved_id > \(last) ORDER BY annotation_unresolved_id LIMIT 200
                """)
            guard !page.isEmpty else {
                if total.marks > 0 { try await refreshFindings() }
                return total
            }
            let byDataset = try Dictionary(grouping: page.rows.map { Array($0) }) { try Self.integer($0[1]) }
            for (datasetID, rows) in byDataset {
                let keys = rows.compactMap { row in if case .text(let key) = row[2] { key } else { nil } }
                let found = try await MarkedSeriesFinder(connection: connection, datasetID: datasetID).find(keys)
                for row in rows {
                    guard case .text(let key) = row[2], let series = found[key] else { continue }
                    let (id, sourceID) = (try Self.integer(row[0]), try Self.integer(row[3]))
                    let written = try await connection.transaction {
                        // Of two runs that end together the second waits here and finds nothing left to do.
                        try await connection.claimWaiting(key: sourceID)
                        return try await resolve(id, on: series)
                    }
                    total.add(written)
                }
            }
            last = try page.map { try $0.get("annotation_unresolved_id", as: Int64.self) }.max() ?? last
        }
    }

    private func refreshFindings() async throws {
        try await WaitingNotes(
            connection: connection, context: context, check: MarkLoader.waitingCheck,
            count: """
                SELECT COALESCE(SUM(annotation_unresolved.mark_count), 0) FROM annotation_unresolved
                JOIN label_source ON label_source.label_source_id = annotation_unresolved.label_source_id
                WHERE label_source.source_file_id = quality_finding.source_file_id
                    AND annotation_unresolved.reason = 'series_absent'
                """, sentence: { MarkLoader.waitingSentence($0) }
        ).refresh()
    }

    private static func integer(_ value: SQLValue) throws -> Int64 {
        guard case .integer(let number) = value else { return 0 }
        return number
    }

    private func resolve(_ id: Int64, on series: MarkedSeries) async throws -> MarkWriter.Written {
        let rows = try await connection.rows(
            """
            SELECT label_source.source_file_id, annotation_unresolved.dataset_id,
                annotation_unresolved.label_source_id, vocabulary, contour_count, content, is_clustered, reason
            FROM annotation_unresolved JOIN label_source
                ON label_source.label_source_id = annotation_unresolved.label_source_id
            WHERE annotation_unresolved_id = \(id)
            """)
        guard let row = rows.first else { return MarkWriter.Written() }
        let content: String = try row.get("content")
        let marks = try JSONDecoder().decode(SeriesMarks.self, from: Data(content.utf8))
        let origin = LabelOrigin(
            datasetID: try row.get("dataset_id"), sourceID: try row.get("label_source_id"), readerID: 0,
            sourceFileID: try row.get("source_file_id"), runID: context.runID)
        var withdrawn: WithdrawnMarks?
        if try row.get("reason", as: String.self) == "slice_absent" {
            let slices = try await series.slices(on: connection)
            let found = marks.marks.flatMap(\.contours).count {
                slices.slice(uid: $0.sopInstanceUID, z: $0.z, in: series.geometry) != nil
            }
            guard try found > row.get("contour_count", as: Int.self) else { return MarkWriter.Written() }
            withdrawn = try await WithdrawnMarks(of: origin, on: series, connection: connection)
        }
        let vocabulary: String = try row.get("vocabulary")
        let writer = MarkWriter(
            connection: connection, context: context, origin: origin,
            vocabulary: try vocabularies.vocabulary(named: vocabulary), isClustered: try row.get("is_clustered"))
        let written = try await writer.write(marks, on: series, replacing: withdrawn)
        try await settle(id, written)
        return written
    }

    private func settle(_ id: Int64, _ written: MarkWriter.Written) async throws {
        if written.missingContours == 0 {
            try await connection.execute(
                "DELETE FROM annotation_unresolved WHERE annotation_unresolved_id = \(id)")
        } else {
            try await connection.execute(
                """
                UPDATE annotation_unresolved SET reason = 'slice_absent', contour_count = \(written.contours)
                WHERE annotation_unresolved_id = \(id)
                """)
        }
    }
}
