internal import CanonicalJSON
internal import SQLInterface
internal import Warehouse

/// Stored segmentations, structure sets and mask volumes as sources of marks that can be taken out of force.
///
/// Their marks count without a source. One is made where a person retires them, or where the file of a mask that
/// `--masks-for` named holds another one now; nothing that they mark is deleted.
struct MaskSources: Sendable {
    let connection: any WarehouseConnection

    private static let prefix = "mask "

    /// `label_source.name`.
    static func name(of seriesID: Int64) -> String { prefix + String(seriesID) }

    /// The series of a source of this name.
    static func series(named name: String) -> Int64? {
        name.hasPrefix(prefix) ? Int64(name.dropFirst(prefix.count)) : nil
    }

    /// The series that marks, be it named by its id or as a source.
    func find(_ name: String, in condition: SQL) async throws -> Row? {
        guard let id = Self.series(named: name) ?? Int64(name) else { return nil }
        return try await connection.rows(
            """
            SELECT series.series_id, patient.dataset_id, dataset.name AS dataset_name, dataset.version
            FROM series
            INNER JOIN patient ON patient.patient_id = series.patient_id
            INNER JOIN dataset ON dataset.dataset_id = patient.dataset_id
            WHERE series.series_id = \(id) AND \(sql: condition) AND EXISTS (\(sql: Self.marks))
            """
        ).first
    }

    /// The source of a series, made where there is none; its marks belong to it from now on.
    func register(_ seriesID: Int64) async throws -> Int64 {
        if let id = try await registered(seriesID) { return id }
        let files = try await connection.rows(
            """
            SELECT patient.dataset_id, source_file.source_file_id, source_file.sha256
            FROM series
            JOIN patient ON patient.patient_id = series.patient_id
            JOIN source_file ON source_file.source_file_id IN (
                SELECT slice_source.source_file_id FROM slice
                JOIN slice_source ON slice_source.patient_id = slice.patient_id
                    AND slice_source.slice_id = slice.slice_id
                WHERE slice.patient_id = series.patient_id AND slice.series_id = series.series_id
                UNION
                SELECT series_source.source_file_id FROM series_source
                WHERE series_source.patient_id = series.patient_id AND series_source.series_id = series.series_id
            )
            WHERE series.series_id = \(seriesID) AND source_file.sha256 IS NOT NULL
            ORDER BY source_file.source_file_id LIMIT 1
            """)
        guard let file = files.first else {
            throw IngestionError(
                code: .badOption, subject: Self.name(of: seriesID), reason: "no file that it came from is known")
        }
        let (datasetID, fileID): (Int64, Int64) = (try file.get("dataset_id"), try file.get("source_file_id"))
        let digest: [UInt8] = try file.get("sha256")
        let name = Self.name(of: seriesID)
        let id = try await KeyResolver(connection: connection).resolve(
            [.integer(datasetID), .text(name), .blob(digest)], in: .labelSource)
        try await connection.execute(
            """
            INSERT INTO label_source (label_source_id, dataset_id, name, source_file_id, kind, sha256, is_active)
            VALUES (\(id), \(datasetID), \(name), \(fileID), 'manual', \(digest), \(true))
            """)
        return id
    }

    private func registered(_ seriesID: Int64) async throws -> Int64? {
        try await connection.rows(
            "SELECT label_source_id FROM label_source WHERE name = \(Self.name(of: seriesID)) AND kind = 'manual'"
        ).first?.get("label_source_id")
    }

    /// What a person took out stays out, with the marks that came since.
    func join(_ seriesID: Int64) async throws {
        if try await registered(seriesID) != nil { try await refresh(seriesID) }
    }

    /// Whether its marks count, by what was said and by what its file holds; those that came since belong to it too.
    ///
    /// Returns whether another mask took its place in the file now.
    @discardableResult
    func refresh(_ seriesID: Int64) async throws -> Bool {
        let isReplaced = try await isSuperseded(seriesID)
        if isReplaced { _ = try await register(seriesID) }
        guard let id = try await registered(seriesID) else { return false }
        let before = try await connection.rows(
            "SELECT 1 FROM label_source WHERE label_source_id = \(id) AND is_active")
        let retired = try await connection.rows(
            """
            SELECT 1 FROM label_source_retirement
            WHERE label_source_id = \(id) AND restored_at IS NULL
            """)
        let isActive = retired.isEmpty && !isReplaced
        try await connection.execute(
            "UPDATE label_source SET is_active = \(isActive) WHERE label_source_id = \(id)")
        try await connection.execute(
            """
            UPDATE annotation SET label_source_id = \(id)
            WHERE label_source_id IS NULL AND annotation_id IN (
                SELECT own.annotation_id FROM series JOIN annotation AS own ON own.patient_id = series.patient_id
                WHERE series.series_id = \(seriesID) AND (\(sql: Self.belongs("own")))
            )
            """)
        guard isReplaced else { return false }
        try await connection.execute(
            "DELETE FROM quality_finding WHERE check_name = 'mask_redrawn' AND series_id = \(seriesID)")
        return !before.isEmpty
    }

    /// Each mask volume that was given for a series: which of them count. Returns how many no longer do.
    @discardableResult
    func settle(volumesOf imageSeriesID: Int64, patientID: Int64) async throws -> Int {
        var replaced = 0
        let rows = try await connection.rows(
            """
            SELECT series_id, mask_rule FROM series
            WHERE patient_id = \(patientID) AND role = 'mask' AND mask_rule IS NOT NULL ORDER BY series_id
            """)
        for row in rows {
            let rule = try JSONValue(parsing: row.get("mask_rule", as: String.self))
            guard rule["source"]?.string == "volume_mask",
                rule["image_series"]?.string == String(imageSeriesID)
            else { continue }
            if try await refresh(row.get("series_id")) { replaced += 1 }
        }
        return replaced
    }

    // MARK: What files hold

    /// Whether no file holds the volume any more, and one that held it holds another that was given in the same way.
    ///
    /// A file that was refused, or is gone, still holds what it held.
    private func isSuperseded(_ seriesID: Int64) async throws -> Bool {
        let own = try await connection.rows(
            """
            SELECT patient_id, mask_rule FROM series
            WHERE series_id = \(seriesID) AND role = 'mask' AND mask_rule IS NOT NULL
                AND NOT EXISTS (\(sql: Self.holders("series")))
            """)
        guard let row = own.first else { return false }
        let rule = try JSONValue(parsing: row.get("mask_rule", as: String.self))
        guard rule["source"]?.string == "volume_mask" else { return false }
        let others = try await connection.rows(
            """
            SELECT other.mask_rule FROM series AS other
            WHERE other.patient_id = \(try row.get("patient_id", as: Int64.self)) AND other.series_id <> \(seriesID)
                AND other.role = 'mask' AND other.mask_rule IS NOT NULL
                AND EXISTS (\(sql: Self.holders("other")) AND slice_source.source_file_id IN (
                    SELECT earlier.source_file_id FROM slice AS old
                    JOIN slice_source AS earlier ON earlier.patient_id = old.patient_id
                        AND earlier.slice_id = old.slice_id
                    WHERE old.patient_id = other.patient_id AND old.series_id = \(seriesID)))
            """)
        return try others.contains { try JSONValue(parsing: $0.get("mask_rule", as: String.self)) == rule }
    }

    /// Files that hold slices of a series as they are stored.
    private static func holders(_ series: String) -> SQL {
        """
        SELECT 1 FROM slice
        JOIN slice_source ON slice_source.patient_id = slice.patient_id AND slice_source.slice_id = slice.slice_id
        JOIN source_file ON source_file.source_file_id = slice_source.source_file_id
        WHERE slice.patient_id = \(raw: series).patient_id AND slice.series_id = \(raw: series).series_id
            AND (source_file.sha256 = slice_source.sha256 OR slice_source.sha256 IS NULL
                OR source_file.outcome IN ('rejected', 'ignored'))
        """
    }

    /// Marks of the table's row `series`.
    private static let marks: SQL = """
        SELECT 1 FROM annotation
        WHERE annotation.patient_id = series.patient_id AND (\(sql: MaskSources.belongs("annotation")))
        """

    /// A structure set has no mask series; who drew its regions is known by the key of its series.
    private static func belongs(_ annotation: String) -> SQL {
        """
        \(raw: annotation).mask_series_id = series.series_id
            AND (CAST(\(raw: annotation).rule AS text) LIKE '%"dicom_segmentation"%'
                OR CAST(\(raw: annotation).rule AS text) LIKE '%"volume_mask"%')
        OR series.role = 'object' AND series.variant = 0
            AND CAST(\(raw: annotation).rule AS text) LIKE '%"rt_structure_set"%'
            AND \(raw: annotation).reader_id IN (
                SELECT reader.reader_id FROM reader
                WHERE reader.reader_key IN ('maker:' || series.series_key, 'algorithm:' || series.series_key))
        """
    }
}
