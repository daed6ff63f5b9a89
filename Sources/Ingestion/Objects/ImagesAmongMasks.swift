internal import SQLInterface
internal import Warehouse

/// DICOM images that lie in a folder given with `--masks-for`: they say themselves what they are, and are stored as such.
struct ImagesAmongMasks: Sendable {
    let connection: any WarehouseConnection
    let context: RunContext

    private static let check = "image_beside_masks"

    /// Returns how many findings are new.
    func note() async throws -> Int {
        guard context.assigned != nil else { return 0 }
        let rows = try await connection.rows(
            """
            SELECT patient_id, series_id FROM series
            WHERE ingest_run_id = \(context.runID) AND role IN ('image', 'localizer') ORDER BY series_id
            """)
        guard !rows.isEmpty else { return 0 }
        context.observer.notice(
            "\(rows.count) series of DICOM images were given with --masks-for and are stored as images, since DICOM files "
                + "say themselves what they are; masks are taken as NIfTI and MetaImage volumes, and as DICOM SEG and "
                + "RTSTRUCT.")
        let findings = try rows.map { row in
            Finding(
                check: Self.check, severity: .warning,
                subject: .series(patientID: try row.get("patient_id"), seriesID: try row.get("series_id")),
                sentence: "It was given with --masks-for and holds DICOM images, so that it was stored as images and "
                    + "marks nothing.")
        }
        return try await connection.transaction {
            try await FindingWriter(connection: connection, context: context).write(findings)
        }
    }
}
