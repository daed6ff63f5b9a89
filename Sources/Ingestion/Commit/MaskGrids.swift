internal import Catalogue
internal import Datasets
internal import Imaging
internal import SQLInterface
internal import Warehouse

/// Whether the voxels of a mask volume are where the images have them on which they are laid slice by slice, by number.
///
/// A mask that was turned together with its affine would mark the other side: it marks nothing until its file is right.
struct MaskGrids: Sendable {
    let connection: any WarehouseConnection

    static let check = "mask_grid_differs"

    /// The grid of a volume file.
    struct Grid: Sendable {
        let geometry: VolumeGeometry
        /// Instance number of its first slice.
        let firstNumber: Int
    }

    enum Verdict: Sendable {
        case fits, differs
        /// It did not at an earlier time.
        case fitsNow
    }

    /// Judges the files of a mask series that were read.
    func judge(
        _ draft: SeriesDraft, of plan: MaskPlan, sourceIDs: [Int: Int64], in place: MaskWriter.Place,
        findings: inout [Finding]
    ) async throws -> Verdict {
        var grids: [Int64: Grid] = [:]
        for file in draft.files {
            if let grid = file.grid, let id = sourceIDs[file.frameFile.number] { grids[id] = grid }
        }
        guard !grids.isEmpty, let images = try await images(of: place) else { return .fits }
        let others = grids.filter { !images.areUnder($0.value) }.keys.sorted()
        findings += others.map { Self.finding($0, plan) }
        guard others.isEmpty else { return .differs }
        let ended = try await connection.execute(
            """
            DELETE FROM quality_finding
            WHERE check_name = \(Self.check) AND source_file_id IN \(list: grids.keys.sorted())
            """)
        if ended > 0 { return .fitsNow }
        return try await isKeptOut(place) ? .fitsNow : .fits
    }

    /// The mask never marked, since another file that holds it, or its voxels, lies elsewhere.
    private func isKeptOut(_ place: MaskWriter.Place) async throws -> Bool {
        let rows = try await connection.rows(
            """
            SELECT 1 FROM series
            JOIN slice ON slice.patient_id = series.patient_id AND slice.series_id = series.series_id
            JOIN slice_source ON slice_source.patient_id = slice.patient_id
                AND slice_source.slice_id = slice.slice_id
            JOIN quality_finding ON quality_finding.source_file_id = slice_source.source_file_id
            WHERE series.patient_id = \(place.patientID)
                AND (series.series_id = \(place.maskSeriesID) OR series.conflict_of = \(place.maskSeriesID))
                AND quality_finding.check_name = \(Self.check)
                AND NOT EXISTS (SELECT 1 FROM annotation WHERE annotation.patient_id = \(place.patientID)
                    AND annotation.mask_series_id = \(place.maskSeriesID))
            LIMIT 1
            """)
        return !rows.isEmpty
    }

    /// Judges a mask that was stored before its images, by the grid of its series.
    func judgeStored(
        _ plan: MaskPlan, in place: MaskWriter.Place, findings: inout [Finding]
    ) async throws -> Verdict {
        guard let geometry = try await geometry(of: place.maskSeriesID, patientID: place.patientID),
            let images = try await images(of: place)
        else { return .fits }
        let rows = try await connection.rows(
            """
            SELECT slice_source.source_file_id, MIN(slice.instance_number) AS first_number FROM series
            JOIN slice ON slice.patient_id = series.patient_id AND slice.series_id = series.series_id
            JOIN slice_source ON slice_source.patient_id = slice.patient_id
                AND slice_source.slice_id = slice.slice_id
            WHERE series.patient_id = \(place.patientID) AND series.series_id = \(place.maskSeriesID)
            AND series.ordering_rule = \(OrderingRule.storage.rawValue) AND slice.instance_number IS NOT NULL
            GROUP BY slice_source.source_file_id ORDER BY slice_source.source_file_id
            """)
        let numbers = try rows.map { try $0.get("first_number", as: Int.self) }
        guard let first = numbers.min(), !images.areUnder(Grid(geometry: geometry, firstNumber: first)) else {
            return .fits
        }
        findings += try rows.map { Self.finding(try $0.get("source_file_id", as: Int64.self), plan) }
        return .differs
    }

    private static func finding(_ sourceID: Int64, _ plan: MaskPlan) -> Finding {
        Finding(
            check: check, severity: .error, subject: .sourceFile(sourceID),
            sentence: "By its header this mask lies elsewhere than its images, or with its axes turned; what it holds "
                + "now marks nothing. Correct the file, or give it with --masks-for, which turns what is turned.",
            detail: UnplacedMark.detail(plan))
    }

    // MARK: Images

    private struct Images {
        let geometry: VolumeGeometry
        /// Place in the volume by instance number.
        let indices: [Int: Int]

        /// Slices of another size are told for themselves, and so are those that the images do not have.
        func areUnder(_ grid: Grid) -> Bool {
            let mask = grid.geometry
            guard mask.columns == geometry.columns, mask.rows == geometry.rows, !mask.isUnplaced else { return true }
            // Headers round: a tenth of a voxel is no other place.
            let sides = [geometry.columnSpacing, geometry.rowSpacing, geometry.sliceSpacing]
            let tolerance = max(GridAlignment.tolerance, (sides.min() ?? 0) / 10)
            return (0..<mask.slices).allSatisfy { slice in
                guard let index = indices[grid.firstNumber + slice] else { return true }
                return mask.distance(ofSlice: slice, from: geometry, slice: index) <= tolerance
            }
        }
    }

    /// `nil` where the images form no volume with a place of its own.
    private func images(of place: MaskWriter.Place) async throws -> Images? {
        guard let geometry = try await geometry(of: place.imageSeriesID, patientID: place.patientID),
            !geometry.isUnplaced
        else { return nil }
        let rows = try await connection.rows(
            """
            SELECT slice_index, instance_number FROM slice
            WHERE patient_id = \(place.patientID) AND series_id = \(place.imageSeriesID)
            AND instance_number IS NOT NULL
            """)
        var indices: [Int: Int] = [:]
        for row in rows { indices[try row.get("instance_number")] = try row.get("slice_index") }
        return Images(geometry: geometry, indices: indices)
    }

    /// The patient's own row is written after the series of a batch, so that it is not asked for.
    private func geometry(of seriesID: Int64, patientID: Int64) async throws -> VolumeGeometry? {
        let rows = try await connection.rows(
            """
            SELECT \(sql: StoredGrid.selection) FROM series
            WHERE series.patient_id = \(patientID) AND series.series_id = \(seriesID)
            """)
        return try rows.first.flatMap { try StoredGrid.geometry(of: $0) }
    }
}
