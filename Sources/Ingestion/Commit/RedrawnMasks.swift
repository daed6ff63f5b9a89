internal import Catalogue
internal import Datasets
internal import Imaging
internal import SQLInterface
internal import Warehouse

/// A mask file that was drawn anew in its place: what it holds now is what counts.
///
/// Its earlier slices stay, in the variant of the mask series that they are in; a file that gets its old content back
/// marks what it marked. Where another file still holds what this one held, nothing tells which of them is right.
struct RedrawnMasks: Sendable {
    let connection: any WarehouseConnection
    let context: RunContext
    /// Ids of the batch's files by file number.
    let sourceIDs: [Int: Int64]

    /// Returns how many slice masks were written.
    func write(
        _ draft: SeriesDraft, of plan: MaskPlan, in place: MaskWriter.Place, findings: inout [Finding]
    ) async throws -> Int {
        guard !draft.stored.variants.isEmpty else { return 0 }
        var count = 0
        for file in draft.files where file.outcome == .stored || file.outcome == .known {
            let current = file.places.compactMap { draft.sliceID(of: $0) }
            guard let sourceID = sourceIDs[file.frameFile.number], !current.isEmpty else { continue }
            let former = try await formerSlices(of: sourceID, but: current, in: place)
            guard !former.isEmpty else { continue }
            let marks = try await marks(of: current, plan, in: place)
            guard try await marking(former + current, of: place.patientID) != Set(marks.map(\.sliceID)) else {
                continue
            }
            guard try await !isElsewhere(former, but: sourceID, of: place.patientID) else {
                findings.append(ambiguous(place))
                continue
            }
            try await removeMasks(from: former + current, of: place.patientID)
            count += try await MaskWriter(connection: connection, context: context).write(
                marks, of: plan, in: place, findings: &findings)
            findings.append(redrawn(former.count, in: place))
        }
        return count
    }

    /// Slices of the mask that the file held once and holds no longer.
    private func formerSlices(
        of sourceID: Int64, but current: [Int64], in place: MaskWriter.Place
    ) async throws -> [Int64] {
        let rows = try await connection.rows(
            """
            SELECT slice.slice_id FROM slice_source
            JOIN slice ON slice.patient_id = slice_source.patient_id AND slice.slice_id = slice_source.slice_id
            JOIN series ON series.patient_id = slice.patient_id AND series.series_id = slice.series_id
            WHERE slice_source.patient_id = \(place.patientID) AND slice_source.source_file_id = \(sourceID)
            AND (series.series_id = \(place.maskSeriesID) OR series.conflict_of = \(place.maskSeriesID))
            ORDER BY slice.slice_id
            """)
        let known = Set(current)
        return try rows.map { try $0.get("slice_id", as: Int64.self) }.filter { !known.contains($0) }
    }

    /// Whether another file has one of the slices, and was not changed since.
    private func isElsewhere(_ slices: [Int64], but sourceID: Int64, of patientID: Int64) async throws -> Bool {
        try await !connection.rows(
            """
            SELECT 1 AS one FROM slice_source
            JOIN source_file ON source_file.source_file_id = slice_source.source_file_id
                AND source_file.sha256 = slice_source.sha256
            WHERE slice_source.patient_id = \(patientID) AND slice_source.slice_id IN \(list: slices)
            AND slice_source.source_file_id <> \(sourceID) LIMIT 1
            """
        ).isEmpty
    }

    /// What the file marks now; all of its levels together decide on the threshold.
    private func marks(
        of slices: [Int64], _ plan: MaskPlan, in place: MaskWriter.Place
    ) async throws -> [MaskWriter.Slice] {
        let rows = try await connection.rows(
            """
            SELECT mask_rule FROM series
            WHERE patient_id = \(place.patientID) AND series_id = \(place.maskSeriesID)
            """)
        let rule = try StoredMarks.formatRule(rows.first?.get("mask_rule"))
        let marks = try await StoredMarks(connection: connection).slices(
            .slices(patientID: place.patientID, sliceIDs: slices), of: plan, formatRule: rule ?? .midRange)
        return marks.filter { $0.marked.mask.voxelCount > 0 }
    }

    /// Those of the slices from which something is marked.
    private func marking(_ slices: [Int64], of patientID: Int64) async throws -> Set<Int64> {
        let rows = try await connection.rows(
            """
            SELECT DISTINCT mask_slice_id FROM annotation_mask
            WHERE patient_id = \(patientID) AND mask_slice_id IN \(list: slices)
            """)
        return Set(try rows.map { try $0.get("mask_slice_id", as: Int64.self) })
    }

    private func removeMasks(from slices: [Int64], of patientID: Int64) async throws {
        try await connection.execute(
            "DELETE FROM annotation_mask WHERE patient_id = \(patientID) AND mask_slice_id IN \(list: slices)")
    }

    private func redrawn(_ count: Int, in place: MaskWriter.Place) -> Finding {
        Finding(
            check: "mask_redrawn", severity: .info, subject: subject(place),
            sentence: "\(count) slices of this mask were drawn anew in their file. What it marks now counts; training "
                + "sets that were frozen before say so (training-set check) and take it when they are made anew.")
    }

    private func ambiguous(_ place: MaskWriter.Place) -> Finding {
        Finding(
            check: "mask_redrawn_elsewhere", severity: .warning, subject: subject(place),
            sentence: "A file of this mask was drawn anew; another file still holds the earlier slices, which count. "
                + "Change that file too, or give the new mask with --masks-for and a reader of its own.")
    }

    private func subject(_ place: MaskWriter.Place) -> Finding.Subject {
        .series(patientID: place.patientID, seriesID: place.maskSeriesID)
    }
}
