internal import CanonicalJSON
internal import SQLInterface
internal import Warehouse

/// Lets corrections outlive the version of the table that they were made on.
///
/// A table that was changed is a new source, whose labels are new rows. What a person corrected or withdrew of the same
/// subject, domain and reader in another version holds for them too, until the person says otherwise; where the table
/// now says something else than what was corrected, that is a finding. Labels of marks have other subjects in each
/// version: ``MarkCorrectionTransfer`` finds them.
struct CorrectionTransfer: Sendable {
    let connection: any WarehouseConnection
    let runID: Int64

    static let check = "corrected_label_changed"

    /// Part of the transaction that brought the version in or back into force. Returns how many findings are new.
    func transfer(to sourceID: Int64) async throws -> Int {
        let rows = try await connection.rows(
            """
            SELECT label.patient_id, label.series_id, label.slice_id, label.label_id,
                label_correction.replacement_label_source_id, label_correction.replacement_label_id,
                label_correction.author, label_correction.reason, label_correction.created_at,
                CASE WHEN label.raw_value = earlier.raw_value THEN 0 ELSE 1 END AS is_changed
            FROM label_correction
            CROSS JOIN label AS earlier
            CROSS JOIN label_source AS earlier_source
            CROSS JOIN label_source
            CROSS JOIN label
            WHERE earlier.patient_id = label_correction.patient_id
                AND earlier.label_source_id = label_correction.label_source_id
                AND earlier.label_id = label_correction.label_id
                AND earlier_source.label_source_id = earlier.label_source_id
                AND label_source.label_source_id = \(sourceID)
                AND earlier_source.label_source_id <> label_source.label_source_id
                AND earlier_source.dataset_id = label_source.dataset_id
                AND earlier_source.name = label_source.name
                AND label.patient_id = earlier.patient_id
                AND label.label_source_id = label_source.label_source_id
                AND label.subject_id = earlier.subject_id
                AND label.label_domain_id = earlier.label_domain_id
                AND label.reader_id = earlier.reader_id
                AND label.occurrence = earlier.occurrence
            ORDER BY label_correction.created_at DESC, label_correction.label_id
            """)
        for row in rows { try await insert(row, sourceID: sourceID) }
        let changed = try rows.filter { try $0.get("is_changed", as: Int.self) == 1 }
        let told = try await FindingWriter(connection: connection, runID: runID).write(changed.map(finding))
        return try await told + MarkCorrectionTransfer(connection: connection, runID: runID).transfer(to: sourceID)
    }

    /// Of corrections in several versions the latest holds.
    private func insert(_ row: Row, sourceID: Int64) async throws {
        try await connection.execute(
            """
            INSERT INTO label_correction (patient_id, label_source_id, label_id, replacement_label_source_id,
                replacement_label_id, author, reason, created_at)
            VALUES (\(try row.get("patient_id", as: Int64.self)), \(sourceID),
                \(try row.get("label_id", as: Int64.self)),
                \(try row.get("replacement_label_source_id", as: Int64?.self)),
                \(try row.get("replacement_label_id", as: Int64?.self)), \(try row.get("author", as: String.self)),
                \(try row.get("reason", as: String.self)), \(try row.get("created_at", as: SQLTimestamp.self)))
            ON CONFLICT DO NOTHING
            """)
    }

    private func finding(_ row: Row) throws -> Finding {
        let patientID: Int64 = try row.get("patient_id")
        let seriesID: Int64? = try row.get("series_id")
        let slice: Int64? = try row.get("slice_id")
        return Finding(
            check: Self.check, severity: .warning,
            subject: slice.map { .slice(patientID: patientID, seriesID: seriesID, sliceID: $0) } ?? .patient(patientID),
            sentence: "A label that was corrected by hand has another value in the new version of its table; the "
                + "correction still counts, and slicehouse domains correct can change it.",
            detail: ["label_id": .string(String(try row.get("label_id", as: Int64.self)))])
    }
}
