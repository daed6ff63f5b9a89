internal import Catalogue
internal import Datasets
internal import Imaging
internal import SQLInterface
internal import Warehouse

/// Which drawing of each slice of a mask counts: the one that a file holds now, and of several the one that came first.
///
/// A mask file that is drawn anew in its place gives new slices, in another variant of the mask series; the earlier
/// ones stay, held by no file. A file that gets its old content back holds them again. A file that was refused, or is
/// gone, still holds what it held.
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
        /// Numbers of slices of which no file says what it holds: what they mark stays as it is.
        var undecided: Set<Int> = []
    }

    /// A slice of the mask and a file that holds it, or held it before it was refused.
    private struct Drawing {
        let sliceID: Int64
        let number: Int
        let variant: Int
        let sourceID: Int64
        /// Of the file when it held the slice.
        let sha256: [UInt8]?
        let isRefused: Bool
        /// By its header the file lies on another grid than the images.
        let isElsewhere: Bool
    }

    /// Marks the images that came after the mask, be it all of them or some.
    ///
    /// Returns how many slice masks were written.
    func addMissing(_ plan: MaskPlan, in place: MaskWriter.Place, findings: inout [Finding]) async throws -> Int {
        let held = try await Self.held(drawings(in: place), keepingMarks: false)
        try await tell(held, in: place, findings: &findings)
        let marks = try await marks(held, of: plan, in: place)
        try await tellPlaces(of: marks, held, in: place, findings: &findings)
        let done = try await markedNumbers(in: place)
        return try await MaskWriter(connection: connection, context: context).write(
            marks.filter { slice in slice.instanceNumber.map { !done.contains($0) } ?? true }, of: plan, in: place)
    }

    /// Marks anew what is marked by drawings that count no longer.
    ///
    /// Returns how many slice masks were written.
    func settle(_ plan: MaskPlan, in place: MaskWriter.Place, findings: inout [Finding]) async throws -> Int {
        let held = try await Self.held(drawings(in: place), keepingMarks: true)
        try await tell(held, in: place, findings: &findings)
        if !held.isRedrawn, held.undecided.isEmpty { try await close(Self.redrawn, in: place) }
        let marks = try await marks(held, of: plan, in: place)
        let placement = try await tellPlaces(of: marks, held, in: place, findings: &findings)
        let marking = Set(placement.placed.map(\.slice.sliceID))
        guard try await markingSlices(in: place, without: held.undecided) != marking else { return 0 }
        if held.isRedrawn { findings.append(redrawing(in: place)) }
        return try await replace(by: marks, without: held.undecided, of: plan, in: place)
    }

    /// Whether a mask may mark something else though no slice of it is new: a file that was cut short holds fewer than
    /// it held, and one that was whole again holds those that it lacked.
    func mayHaveChanged(in place: MaskWriter.Place) async throws -> Bool {
        let rows = try await connection.rows(
            """
            SELECT 1 FROM quality_finding WHERE check_name = \(MaskCoverage.check)
                AND patient_id = \(place.patientID) AND series_id = \(place.maskSeriesID)
            UNION ALL
            SELECT 1 FROM series
            JOIN slice ON slice.patient_id = series.patient_id AND slice.series_id = series.series_id
            WHERE series.patient_id = \(place.patientID) AND \(sql: isDrawing(place))
                AND NOT \(sql: MaskCoverage.isHeld)
            LIMIT 1
            """)
        return !rows.isEmpty
    }

    /// Marks what the drawings that count mark, whatever was marked before.
    ///
    /// Returns how many slice masks were written.
    func markAnew(_ plan: MaskPlan, in place: MaskWriter.Place, findings: inout [Finding]) async throws -> Int {
        let held = try await Self.held(drawings(in: place), keepingMarks: true)
        try await tell(held, in: place, findings: &findings)
        if !held.isRedrawn, held.undecided.isEmpty { try await close(Self.redrawn, in: place) }
        let marks = try await marks(held, of: plan, in: place)
        try await tellPlaces(of: marks, held, in: place, findings: &findings)
        return try await replace(by: marks, without: held.undecided, of: plan, in: place)
    }

    private func replace(
        by marks: [MaskWriter.Slice], without undecided: Set<Int>, of plan: MaskPlan, in place: MaskWriter.Place
    ) async throws -> Int {
        try await connection.execute(
            """
            DELETE FROM annotation_mask
            WHERE patient_id = \(place.patientID)
                AND mask_slice_id IN (\(sql: slices(place, without: undecided)))
            """)
        return try await MaskWriter(connection: connection, context: context).write(marks, of: plan, in: place)
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

    // MARK: What counts

    /// What lies on another grid than the images counts for nothing.
    ///
    /// - Parameter keepingMarks: leaves what is marked where no file says what it holds; else the drawing that came
    ///   last counts there.
    private static func held(_ drawings: [Drawing], keepingMarks: Bool) -> Held {
        let unclear = unclearFiles(drawings)
        var held = Held()
        if keepingMarks { held.undecided = undecided(drawings, unclear) }
        let counted = keepingMarks ? drawings : lastDrawings(drawings, in: unclear)
        var counting: [Int: Int64] = [:]
        for drawing in counted where !drawing.isElsewhere && !held.undecided.contains(drawing.number) {
            if let first = counting[drawing.number] {
                held.isAmbiguous = held.isAmbiguous || first != drawing.sliceID
            } else {
                counting[drawing.number] = drawing.sliceID
                held.isRedrawn = held.isRedrawn || drawing.variant > 0
                held.slices[drawing.sourceID, default: []].append(drawing.sliceID)
            }
        }
        return held
    }

    /// Files that were refused after they had held several contents: which was the last one is not stored.
    private static func unclearFiles(_ drawings: [Drawing]) -> Set<Int64> {
        let refused = Dictionary(grouping: drawings.filter(\.isRefused), by: \.sourceID)
        return Set(refused.filter { Set($0.value.map(\.sha256)).count > 1 }.keys)
    }

    private static func undecided(_ drawings: [Drawing], _ unclear: Set<Int64>) -> Set<Int> {
        let decided = Set(drawings.filter { !$0.isElsewhere }.map(\.number))
        let elsewhere = Set(drawings.filter(\.isElsewhere).map(\.number)).subtracting(decided)
        return elsewhere.union(drawings.filter { unclear.contains($0.sourceID) }.map(\.number))
    }

    /// Without the drawings of these files that later ones of the same slice took the place of.
    private static func lastDrawings(_ drawings: [Drawing], in files: Set<Int64>) -> [Drawing] {
        var last: [Int64: [Int: Int]] = [:]
        for drawing in drawings {
            last[drawing.sourceID, default: [:]][drawing.number] = max(
                drawing.variant, last[drawing.sourceID]?[drawing.number] ?? 0)
        }
        return drawings.filter {
            !files.contains($0.sourceID) || last[$0.sourceID]?[$0.number] == $0.variant
        }
    }

    /// By variant: in the order in which they came.
    private func drawings(in place: MaskWriter.Place) async throws -> [Drawing] {
        let rows = try await connection.rows(
            """
            SELECT slice.slice_id, slice.instance_number, series.variant, slice_source.source_file_id,
                slice_source.sha256, source_file.outcome,
                CASE WHEN EXISTS (
                    SELECT 1 FROM quality_finding WHERE quality_finding.check_name = \(MaskGrids.check)
                    AND quality_finding.source_file_id = source_file.source_file_id
                ) THEN 1 ELSE 0 END AS is_elsewhere
            FROM series
            JOIN slice ON slice.patient_id = series.patient_id AND slice.series_id = series.series_id
            JOIN slice_source ON slice_source.patient_id = slice.patient_id
                AND slice_source.slice_id = slice.slice_id
            JOIN source_file ON source_file.source_file_id = slice_source.source_file_id
                AND (source_file.sha256 = slice_source.sha256 OR slice_source.sha256 IS NULL
                    OR source_file.outcome IN ('rejected', 'ignored'))
            WHERE series.patient_id = \(place.patientID) AND \(sql: isDrawing(place))
            AND slice.instance_number IS NOT NULL
            ORDER BY series.variant, slice.slice_id, slice_source.source_file_id
            """)
        return try rows.map { row in
            Drawing(
                sliceID: try row.get("slice_id"), number: try row.get("instance_number"),
                variant: try row.get("variant"), sourceID: try row.get("source_file_id"),
                sha256: try row.get("sha256"),
                // Voxels whose header was refused are ignored.
                isRefused: try ["rejected", "ignored"].contains(row.get("outcome", as: String.self)),
                isElsewhere: try row.get("is_elsewhere", as: Int.self) == 1)
        }
    }

    /// Slices of the mask that mark something.
    private func markingSlices(
        in place: MaskWriter.Place, without undecided: Set<Int>
    ) async throws -> Set<Int64> {
        let rows = try await connection.rows(
            """
            SELECT DISTINCT mask_slice_id FROM annotation_mask
            WHERE patient_id = \(place.patientID)
                AND mask_slice_id IN (\(sql: slices(place, without: undecided)))
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

    /// All drawings of the mask's slices but those of some numbers.
    private func slices(_ place: MaskWriter.Place, without numbers: Set<Int> = []) -> SQL {
        let others: SQL =
            numbers.isEmpty
            ? "" : "AND (slice.instance_number IS NULL OR slice.instance_number NOT IN \(list: numbers.sorted()))"
        return """
            SELECT slice.slice_id FROM series
            JOIN slice ON slice.patient_id = series.patient_id AND slice.series_id = series.series_id
            WHERE series.patient_id = \(place.patientID) AND \(sql: isDrawing(place)) \(sql: others)
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
        guard held.isAmbiguous else {
            if held.undecided.isEmpty { try await close(Self.elsewhere, in: place) }
            return
        }
        findings.append(
            Finding(
                check: Self.elsewhere, severity: .warning, subject: subject(place),
                sentence: "Files hold several drawings of this mask and the one that came first counts: change the "
                    + "other file too, or give the new mask with --masks-for and a reader of its own."))
    }

    /// Says which marks have no place, instead of what was said of some of them before.
    @discardableResult
    private func tellPlaces(
        of marks: [MaskWriter.Slice], _ held: Held, in place: MaskWriter.Place, findings: inout [Finding]
    ) async throws -> MaskWriter.Placement {
        let placement = try await MaskWriter(connection: connection, context: context).placement(of: marks, in: place)
        // What lies on slices of which nothing is decided keeps what was said of it.
        guard held.undecided.isEmpty else { return placement }
        let found =
            try await MaskWriter.findings(placement, in: place)
            + MaskCoverage(connection: connection).findings(in: place)
        findings.removeAll { $0.subject == subject(place) && MaskWriter.placeChecks.contains($0.check) }
        findings += found
        let writer = FindingWriter(connection: connection, context: context)
        let standing = try await writer.standing(
            where: """
                patient_id = \(place.patientID) AND series_id = \(place.maskSeriesID)
                AND check_name IN \(list: MaskWriter.placeChecks)
                """)
        try await writer.end(standing, but: found)
        return placement
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
