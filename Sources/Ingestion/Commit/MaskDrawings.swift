internal import Catalogue
internal import Datasets
internal import Imaging
internal import SQLInterface
internal import Warehouse

/// Which drawing of each slice of a mask counts: the one that a file holds now, and of several the one that came first.
///
/// A mask file that is drawn anew in its place gives new slices, in another variant of the mask series; the earlier
/// ones stay, held by no file. A file that gets its old content back holds them again.
struct MaskDrawings: Sendable {
    let connection: any WarehouseConnection
    let context: RunContext

    /// What the files of a mask hold.
    private struct Held {
        /// Slices that count, by file; the levels of a file together decide on its threshold.
        var slices: [Int64: [Int64]] = [:]
        /// Files hold several drawings of one slice.
        var isAmbiguous = false
        /// A slice that counts is not the first drawing of it.
        var isRedrawn = false
    }

    /// Marks the images that came after the mask, be it all of them or some.
    ///
    /// Returns how many slice masks were written.
    func addMissing(_ plan: MaskPlan, in place: MaskWriter.Place, findings: inout [Finding]) async throws -> Int {
        let marks = try await marks(held(in: place), of: plan, in: place)
        let done = try await markedNumbers(in: place)
        // What is still missing is said anew, with its count.
        try await close("mask_slice_without_image", in: place)
        try await close("mask_size_mismatch", in: place)
        return try await MaskWriter(connection: connection, context: context).write(
            marks.filter { slice in slice.instanceNumber.map { !done.contains($0) } ?? true }, of: plan, in: place,
            findings: &findings)
    }

    /// Marks anew what is marked by drawings that count no longer.
    ///
    /// Returns how many slice masks were written.
    func settle(_ plan: MaskPlan, in place: MaskWriter.Place, findings: inout [Finding]) async throws -> Int {
        let held = try await held(in: place)
        try await tell(held, in: place, findings: &findings)
        if !held.isRedrawn { try await close(Self.redrawn, in: place) }
        let marks = try await marks(held, of: plan, in: place)
        let marking = Set(marks.filter { $0.marked.mask.voxelCount > 0 }.map(\.sliceID))
        guard try await markingSlices(in: place) != marking else { return 0 }
        if held.isRedrawn { findings.append(redrawing(in: place)) }
        return try await replace(by: marks, of: plan, in: place, findings: &findings)
    }

    /// Marks what the drawings that count mark, whatever was marked before.
    ///
    /// Returns how many slice masks were written.
    func markAnew(_ plan: MaskPlan, in place: MaskWriter.Place, findings: inout [Finding]) async throws -> Int {
        try await replace(
            by: marks(held(in: place), of: plan, in: place), of: plan, in: place, findings: &findings)
    }

    private func replace(
        by marks: [MaskWriter.Slice], of plan: MaskPlan, in place: MaskWriter.Place, findings: inout [Finding]
    ) async throws -> Int {
        try await connection.execute(
            """
            DELETE FROM annotation_mask
            WHERE patient_id = \(place.patientID) AND mask_slice_id IN (\(sql: slices(place)))
            """)
        return try await MaskWriter(connection: connection, context: context).write(
            marks, of: plan, in: place, findings: &findings)
    }

    private func marks(
        _ held: Held, of plan: MaskPlan, in place: MaskWriter.Place
    ) async throws -> [MaskWriter.Slice] {
        let rows = try await connection.rows(
            """
            SELECT mask_rule FROM series
            WHERE patient_id = \(place.patientID) AND series_id = \(place.maskSeriesID)
            """)
        let rule = try StoredMarks.formatRule(rows.first?.get("mask_rule")) ?? .midRange
        var marks: [MaskWriter.Slice] = []
        for (_, slices) in held.slices.sorted(by: { $0.key < $1.key }) {
            marks += try await StoredMarks(connection: connection).slices(
                .slices(patientID: place.patientID, sliceIDs: slices), of: plan, formatRule: rule)
        }
        return marks
    }

    /// A file that was refused, or is gone, still holds what it held; what lies on another grid than the images counts
    /// for nothing.
    private func held(in place: MaskWriter.Place) async throws -> Held {
        let rows = try await connection.rows(
            """
            SELECT slice.slice_id, slice.instance_number, slice_source.source_file_id, series.variant
            FROM series
            JOIN slice ON slice.patient_id = series.patient_id AND slice.series_id = series.series_id
            JOIN slice_source ON slice_source.patient_id = slice.patient_id
                AND slice_source.slice_id = slice.slice_id
            JOIN source_file ON source_file.source_file_id = slice_source.source_file_id
                AND (source_file.sha256 = slice_source.sha256 OR slice_source.sha256 IS NULL
                    OR source_file.outcome = 'rejected')
            WHERE series.patient_id = \(place.patientID) AND \(sql: isDrawing(place))
            AND slice.instance_number IS NOT NULL
            AND NOT EXISTS (
                SELECT 1 FROM quality_finding WHERE quality_finding.check_name = \(MaskGrids.check)
                AND quality_finding.source_file_id = source_file.source_file_id
            )
            ORDER BY series.variant, slice.slice_id, slice_source.source_file_id
            """)
        var held = Held()
        var counting: [Int: Int64] = [:]
        for row in rows {
            let (slice, number): (Int64, Int) = (try row.get("slice_id"), try row.get("instance_number"))
            if let first = counting[number] {
                held.isAmbiguous = held.isAmbiguous || first != slice
            } else {
                counting[number] = slice
                held.isRedrawn = try held.isRedrawn || row.get("variant", as: Int.self) > 0
                held.slices[try row.get("source_file_id"), default: []].append(slice)
            }
        }
        return held
    }

    /// Slices of the mask that mark something.
    private func markingSlices(in place: MaskWriter.Place) async throws -> Set<Int64> {
        let rows = try await connection.rows(
            """
            SELECT DISTINCT mask_slice_id FROM annotation_mask
            WHERE patient_id = \(place.patientID) AND mask_slice_id IN (\(sql: slices(place)))
            """)
        return Set(try rows.map { try $0.get("mask_slice_id", as: Int64.self) })
    }

    /// By which the mask and its images call the slices that it marks.
    private func markedNumbers(in place: MaskWriter.Place) async throws -> Set<Int> {
        let rows = try await connection.rows(
            """
            SELECT DISTINCT slice.instance_number FROM annotation_mask
            JOIN slice ON slice.patient_id = annotation_mask.patient_id
                AND slice.slice_id = annotation_mask.mask_slice_id
            WHERE annotation_mask.patient_id = \(place.patientID)
                AND annotation_mask.mask_slice_id IN (\(sql: slices(place))) AND slice.instance_number IS NOT NULL
            """)
        return Set(try rows.map { try $0.get("instance_number", as: Int.self) })
    }

    /// All drawings of the mask's slices.
    private func slices(_ place: MaskWriter.Place) -> SQL {
        """
        SELECT slice.slice_id FROM series
        JOIN slice ON slice.patient_id = series.patient_id AND slice.series_id = series.series_id
        WHERE series.patient_id = \(place.patientID) AND \(sql: isDrawing(place))
        """
    }

    private func isDrawing(_ place: MaskWriter.Place) -> SQL {
        "(series.series_id = \(place.maskSeriesID) OR series.conflict_of = \(place.maskSeriesID))"
    }

    // MARK: Findings

    private static let redrawn = "mask_redrawn"
    private static let elsewhere = "mask_redrawn_elsewhere"

    private func redrawing(in place: MaskWriter.Place) -> Finding {
        Finding(
            check: Self.redrawn, severity: .info, subject: subject(place),
            sentence: "This mask was drawn anew in its file, and what it marks now counts: training sets that were "
                + "frozen before say so (training-set check) and take it when they are made anew.")
    }

    /// Whether several files disagree; said once, and no longer when they agree.
    private func tell(_ held: Held, in place: MaskWriter.Place, findings: inout [Finding]) async throws {
        guard held.isAmbiguous else { return try await close(Self.elsewhere, in: place) }
        findings.append(
            Finding(
                check: Self.elsewhere, severity: .warning, subject: subject(place),
                sentence: "Files hold several drawings of this mask and the one that came first counts: change the "
                    + "other file too, or give the new mask with --masks-for and a reader of its own."))
    }

    private func close(_ check: String, in place: MaskWriter.Place) async throws {
        try await connection.execute(
            """
            DELETE FROM quality_finding WHERE check_name = \(check)
            AND patient_id = \(place.patientID) AND series_id = \(place.maskSeriesID)
            """)
    }

    private func subject(_ place: MaskWriter.Place) -> Finding.Subject {
        .series(patientID: place.patientID, seriesID: place.maskSeriesID)
    }
}
