internal import CanonicalJSON
internal import SQLInterface
internal import Warehouse

/// Files that were given with `--masks-for` and stand among the images too, as a run without the option stored them.
///
/// Such a series gets the role of a mask, so that no query and no training set takes it for an image; what it marks is
/// said by the series that came with `--masks-for`. It is known by its file: one without a patient, of the same bytes.
struct MasksAmongImages: Sendable {
    let connection: any WarehouseConnection
    let context: RunContext

    private static let check = "mask_stored_as_image"

    private struct Found {
        let patientID: Int64
        let seriesID: Int64
        let maskSeriesID: Int64
    }

    /// Returns how many findings are new.
    ///
    /// - Parameter everywhere: looks at the images of every run, not only at those of this one.
    func settle(everywhere: Bool) async throws -> Int {
        let ofRun: SQL = everywhere ? "" : "series.ingest_run_id = \(context.runID) AND "
        var found = try await pairs(near: "\(sql: ofRun)\(sql: Self.image)", far: Self.mask, isImageNear: true)
        if let series = context.assigned?.series {
            found += try await pairs(
                near: """
                    series.patient_id = \(series.patientID) AND series.companion_of = \(series.seriesID)
                    AND \(sql: Self.mask)
                    """, far: Self.image, isImageNear: false)
        }
        guard !found.isEmpty else { return 0 }
        return try await connection.transaction {
            for item in found { try await withdraw(item) }
            return try await FindingWriter(connection: connection, context: context).write(found.map(finding))
        }
    }

    private func withdraw(_ item: Found) async throws {
        try await connection.execute(
            """
            UPDATE series SET role = 'mask', is_trainable = \(false)
            WHERE patient_id = \(item.patientID) AND series_id = \(item.seriesID)
            """)
    }

    private func finding(_ item: Found) -> Finding {
        let sentence =
            "Series \(item.seriesID) holds the file of a mask (series \(item.maskSeriesID), given with --masks-for) and "
            + "was stored as images; it counts as a mask from now on. Ingest masks with --masks-for alone."
        context.observer.notice(sentence)
        return Finding(
            check: Self.check, severity: .warning,
            subject: .series(patientID: item.patientID, seriesID: item.seriesID), sentence: sentence,
            detail: ["mask_series": .string(String(item.maskSeriesID))])
    }

    // MARK: Finding

    private static let mask: SQL = """
        series.role = 'mask' AND series.modality IS NULL AND CAST(series.mask_rule AS text) LIKE '%"volume_mask"%'
        """
    /// A volume that named no patient.
    private static let image: SQL = """
        series.role = 'image' AND series.series_key = 'file' AND series.series_instance_uid IS NULL
        """

    /// Series of other series' files. The first slice stands for all, since both were read from the same bytes.
    private func pairs(near: SQL, far: SQL, isImageNear: Bool) async throws -> [Found] {
        let rows = try await connection.rows(
            """
            WITH own AS (
                SELECT series.patient_id, series.series_id, slice.pixel_digest, slice_source.sha256
                FROM series
                INNER JOIN slice ON slice.patient_id = series.patient_id AND slice.series_id = series.series_id
                    AND slice.slice_index = 0
                INNER JOIN slice_source ON slice_source.patient_id = slice.patient_id
                    AND slice_source.slice_id = slice.slice_id
                WHERE \(sql: near)
            )
            SELECT DISTINCT own.patient_id, own.series_id, series.patient_id AS far_patient_id,
                series.series_id AS far_series_id
            FROM own
            INNER JOIN source_file ON source_file.sha256 = own.sha256
            INNER JOIN slice_source ON slice_source.source_file_id = source_file.source_file_id
                AND slice_source.sha256 = own.sha256
            INNER JOIN slice ON slice.patient_id = slice_source.patient_id AND slice.slice_id = slice_source.slice_id
                AND slice.slice_index = 0 AND slice.pixel_digest = own.pixel_digest
            INNER JOIN series ON series.patient_id = slice.patient_id AND series.series_id = slice.series_id
            WHERE \(sql: far)
            ORDER BY own.series_id, far_series_id
            """)
        var taken: Set<Int64> = []
        return try rows.map { row in
            let near: (Int64, Int64) = (try row.get("patient_id"), try row.get("series_id"))
            let far: (Int64, Int64) = (try row.get("far_patient_id"), try row.get("far_series_id"))
            let (image, mask) = isImageNear ? (near, far) : (far, near)
            return Found(patientID: image.0, seriesID: image.1, maskSeriesID: mask.1)
        }.filter { taken.insert($0.seriesID).inserted }
    }
}
