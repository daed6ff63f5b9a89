internal import CanonicalJSON
internal import Imaging
internal import SQLInterface
internal import Warehouse

/// Whether a mask volume has a slice for each of its images: of an image that it has none for it says nothing.
///
/// Masks that are pictures, of which there is one for each slice that is marked, need not, and those of `--masks-for`
/// have the grid of their images.
struct MaskCoverage: Sendable {
    let connection: any WarehouseConnection

    static let check = "mask_slices_missing"

    /// What holds for a row of `slice` that some file holds now, or held before it was refused.
    static let isHeld: SQL = """
        EXISTS (SELECT 1 FROM slice_source
            JOIN source_file ON source_file.source_file_id = slice_source.source_file_id
                AND (source_file.sha256 = slice_source.sha256 OR slice_source.sha256 IS NULL
                    OR source_file.outcome IN ('rejected', 'ignored'))
            WHERE slice_source.patient_id = slice.patient_id AND slice_source.slice_id = slice.slice_id)
        """

    func findings(in place: MaskWriter.Place) async throws -> [Finding] {
        guard try await isLaidByNumber(place) else { return [] }
        let images = try await imageNumbers(in: place)
        let drawn = try await drawnNumbers(in: place)
        let missing = images.count { number in number.map { !drawn.contains($0) } ?? true }
        guard missing > 0 else { return [] }
        return [
            Finding(
                check: Self.check, severity: .warning,
                subject: .series(patientID: place.patientID, seriesID: place.maskSeriesID),
                sentence: "Of the \(images.count) images of its series this mask has no slice for \(missing) and says "
                    + "nothing of them: training sets of what it marks leave these out. If it was cut short, ingest "
                    + "the whole mask.")
        ]
    }

    /// What is to be said of the masks of images that grew, instead of what was said before.
    func findings(ofGrown draft: SeriesDraft) async throws -> [Finding] {
        let patientID = draft.identity.patientID
        let masks = try await connection.rows(
            """
            SELECT series_id FROM series
            WHERE patient_id = \(patientID) AND companion_of = \(draft.firstSeriesID) AND role = 'mask'
            AND variant = 0 ORDER BY series_id
            """)
        var found: [Finding] = []
        for mask in masks {
            let place = MaskWriter.Place(
                datasetID: draft.identity.datasetID, patientID: patientID, imageSeriesID: draft.firstSeriesID,
                maskSeriesID: try mask.get("series_id"))
            try await connection.execute(
                """
                DELETE FROM quality_finding WHERE check_name = \(Self.check)
                AND patient_id = \(patientID) AND series_id = \(place.maskSeriesID)
                """)
            found += try await findings(in: place)
        }
        return found
    }

    /// One volume, whose slices are those of the images by their numbers.
    private func isLaidByNumber(_ place: MaskWriter.Place) async throws -> Bool {
        let rows = try await connection.rows(
            """
            SELECT ordering_rule, mask_rule FROM series
            WHERE patient_id = \(place.patientID) AND series_id = \(place.maskSeriesID)
            """)
        guard let row = rows.first,
            try row.get("ordering_rule", as: String?.self) == OrderingRule.storage.rawValue
        else { return false }
        let rule = try row.get("mask_rule", as: String?.self).map { try JSONValue(parsing: $0) }
        return rule?["image_series"]?.string == nil
    }

    private func imageNumbers(in place: MaskWriter.Place) async throws -> [Int?] {
        try await connection.rows(
            """
            SELECT instance_number FROM slice
            WHERE patient_id = \(place.patientID) AND series_id = \(place.imageSeriesID)
            """
        ).map { try $0.get("instance_number", as: Int?.self) }
    }

    private func drawnNumbers(in place: MaskWriter.Place) async throws -> Set<Int> {
        let rows = try await connection.rows(
            """
            SELECT DISTINCT slice.instance_number FROM series
            JOIN slice ON slice.patient_id = series.patient_id AND slice.series_id = series.series_id
            WHERE series.patient_id = \(place.patientID)
            AND (series.series_id = \(place.maskSeriesID) OR series.conflict_of = \(place.maskSeriesID))
            AND slice.instance_number IS NOT NULL AND \(sql: Self.isHeld)
            """)
        return Set(try rows.map { try $0.get("instance_number", as: Int.self) })
    }
}
