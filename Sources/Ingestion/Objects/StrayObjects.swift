internal import Catalogue
internal import SQLInterface
internal import Warehouse

/// Segmentations and structure sets that were stored before the images that they name, under another patient than
/// these: once the images are there, they go beside them, as those that come later do (``MarkedImageIndex``).
///
/// Only what waits goes, and only within its data set. One whose own patient has a series that it names stays, and so
/// does a series whose files mark images of several patients, which an earlier version made of one Series Instance UID.
struct StrayObjects: Sendable {
    let warehouse: Warehouse
    let context: RunContext

    /// The images that an object names, by their patient and study.
    struct Home: Sendable {
        let patientID: Int64
        let studyID: Int64
    }

    /// `header_value.path` of the Series Instance UIDs that ``ObjectReferences`` reads.
    private static let paths = ["00081115.0020000E", "30060010.30060012.30060014.0020000E"]

    /// Returns how many findings are new.
    ///
    /// - Parameter afterFailure: looks at the objects of runs that failed, too; in any case at those of this run and at
    ///   those that a finding says wait.
    func settle(afterFailure: Bool) async throws -> Int {
        let objects = try await warehouse.withConnection { connection in
            try await strays(afterFailure: afterFailure, on: connection)
        }
        var findings = 0
        for object in objects {
            try Task.checkCancellation()
            findings += try await settle(object)
        }
        return findings
    }

    /// One that the database refuses at its new place goes on waiting, and stops no other.
    private func settle(_ object: MarkingObjectPass.Object) async throws -> Int {
        try await warehouse.withLoadConnection { connection in
            guard let home = try await home(of: object, on: connection) else { return 0 }
            let move = ObjectMove(object: object, home: home, connection: connection, context: context)
            do {
                return try await connection.transaction { try await move.run() }
            } catch let failure as any DatabaseFailure where failure.kind.isRefusal {
                context.observer.notice(
                    "Series \(object.seriesID) marks images of another patient and could not be put beside them: the "
                        + "database refused it (\(failure.kind.rawValue)); it waits. Please report this.")
                return 0
            }
        }
    }

    // MARK: Finding

    /// Objects that mark nothing and name a series of another patient of their data set.
    ///
    /// CROSS JOIN makes SQLite look up the headers of those that wait, and not read every value of the paths.
    private func strays(
        afterFailure: Bool, on connection: any WarehouseConnection
    ) async throws -> [MarkingObjectPass.Object] {
        try await connection.rows(
            """
            WITH waiting AS (
                SELECT patient_id, series_id FROM quality_finding
                WHERE check_name IN ('mask_without_image', 'mask_unreadable') AND series_id IS NOT NULL
                UNION
                SELECT patient_id, series_id FROM series
                WHERE role IN ('mask', 'object')
                    AND ingest_run_id \(sql: context.ownRuns(afterFailure: afterFailure))
            ),
            named AS (
                SELECT waiting.patient_id, waiting.series_id, header_value.value AS uid FROM waiting
                CROSS JOIN header_value
                WHERE header_value.patient_id = waiting.patient_id AND header_value.series_id = waiting.series_id
                    AND header_value.path IN \(list: Self.paths)
                UNION
                SELECT waiting.patient_id, waiting.series_id, header_slice_value.value AS uid FROM waiting
                CROSS JOIN header_slice_value
                WHERE header_slice_value.patient_id = waiting.patient_id
                    AND header_slice_value.series_id = waiting.series_id
                    AND header_slice_value.path IN \(list: Self.paths)
            )
            SELECT DISTINCT patient.dataset_id, series.patient_id, series.series_id, series.series_key, series.modality
            FROM named
            JOIN series ON series.patient_id = named.patient_id AND series.series_id = named.series_id
            JOIN patient ON patient.patient_id = series.patient_id
            JOIN series AS image ON image.series_instance_uid = named.uid AND image.variant = 0
                AND image.patient_id <> series.patient_id
            JOIN patient AS other ON other.patient_id = image.patient_id AND other.dataset_id = patient.dataset_id
            WHERE series.variant = 0 AND series.companion_of IS NULL
                AND (series.role = 'mask' AND series.modality = 'SEG'
                    OR series.role = 'object' AND series.modality = 'RTSTRUCT')
            ORDER BY series.series_id
            """
        ).map { row in
            MarkingObjectPass.Object(
                datasetID: try row.get("dataset_id"), patientID: try row.get("patient_id"),
                seriesID: try row.get("series_id"), seriesKey: try row.get("series_key"),
                kind: try row.get("modality", as: String?.self) == "SEG" ? .segmentation : .structureSet)
        }
    }

    /// Where one that comes after its images would go; `nil` where it stays.
    private func home(
        of object: MarkingObjectPass.Object, on connection: any WarehouseConnection
    ) async throws -> Home? {
        let files = try await markedSeries(of: object, on: connection)
        let rows = try await connection.rows(
            """
            SELECT series.series_instance_uid, series.patient_id, series.study_id FROM series
            JOIN patient ON patient.patient_id = series.patient_id
            WHERE patient.dataset_id = \(object.datasetID) AND series.variant = 0
                AND series.series_instance_uid IN \(list: Set(files.joined()).sorted())
            ORDER BY series.slice_count, series.series_id DESC
            """)
        var homes: [String: Home] = [:]
        // Of several the one with most slices, which is the last.
        for row in rows {
            let home = Home(patientID: try row.get("patient_id"), studyID: try row.get("study_id"))
            guard home.patientID != object.patientID else { return nil }
            homes[try row.get("series_instance_uid")] = home
        }
        let found = files.compactMap { uids in uids.lazy.compactMap { homes[$0] }.first }
        guard Set(found.map(\.patientID)).count == 1 else { return nil }
        return found.first
    }

    /// Of each file, in the order of its header.
    private func markedSeries(
        of object: MarkingObjectPass.Object, on connection: any WarehouseConnection
    ) async throws -> [[String]] {
        if case .segmentation = object.kind {
            return try await SegmentationFrames(of: object, on: connection).instances.map(\.header.markedSeries)
        }
        let rows = try await connection.rows(
            """
            SELECT header FROM series_header
            WHERE patient_id = \(object.patientID) AND series_id = \(object.seriesID)
            """)
        let header = try StoredHeader(common: rows.first?.get("header", as: String?.self), own: nil)
        return [StructureSetHeader(header).markedSeries]
    }
}
