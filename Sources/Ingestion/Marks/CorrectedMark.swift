internal import SQLInterface
internal import Warehouse

/// A label of a mark, read from a file, that a person corrected or withdrew.
struct CorrectedMark: Sendable, Hashable {
    let patientID: Int64
    let sourceID: Int64
    /// Its file counts.
    let isActive: Bool
    let annotationID: Int64
    let labelID: Int64
    let domainID: Int64
    let domain: String
    let readerID: Int64
    /// What the file says.
    let rawValue: String
    let author: String
    let createdAt: SQLTimestamp

    /// Those of all versions of one table, by time.
    ///
    /// **Cost** of the corrections, not of the table: CROSS JOIN makes SQLite begin with them.
    static func all(
        ofTable name: String, datasetID: Int64, on connection: any WarehouseConnection
    ) async throws -> [CorrectedMark] {
        try await connection.rows(
            """
            SELECT label.patient_id, label.label_source_id, label.annotation_id, label.label_id, label.label_domain_id,
                label_domain.name AS domain_name, label.reader_id, label.raw_value, label_correction.author,
                label_correction.created_at, CASE WHEN label_source.is_active THEN 1 ELSE 0 END AS is_active
            FROM label_correction
            CROSS JOIN label_source
            CROSS JOIN label
            CROSS JOIN label_domain
            WHERE label_source.label_source_id = label_correction.label_source_id
                AND label_source.dataset_id = \(datasetID) AND label_source.name = \(name)
                AND label_source.sha256 IS NOT NULL
                AND label.patient_id = label_correction.patient_id
                AND label.label_source_id = label_correction.label_source_id
                AND label.label_id = label_correction.label_id
                AND label.annotation_id IS NOT NULL
                AND label_domain.label_domain_id = label.label_domain_id
            ORDER BY label_correction.created_at, label.label_source_id, label.label_id
            """
        ).map(CorrectedMark.init(row:))
    }

    private init(row: Row) throws {
        patientID = try row.get("patient_id")
        sourceID = try row.get("label_source_id")
        isActive = try row.get("is_active", as: Int.self) == 1
        annotationID = try row.get("annotation_id")
        labelID = try row.get("label_id")
        domainID = try row.get("label_domain_id")
        domain = try row.get("domain_name")
        readerID = try row.get("reader_id")
        rawValue = try row.get("raw_value")
        author = try row.get("author")
        createdAt = try row.get("created_at")
    }
}
