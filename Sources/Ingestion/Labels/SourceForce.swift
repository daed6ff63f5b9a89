internal import SQLInterface
internal import Warehouse

/// Which files of one table count.
///
/// A source is in force while some file holds it and no person has retired it: a corrected file takes its earlier version
/// out of force, and back in when it is changed back; the file of another folder stays as it is. What all of them say is
/// kept.
struct SourceForce: Sendable {
    let connection: any WarehouseConnection

    func refresh(_ sourceName: String, datasetID: Int64) async throws {
        try await connection.execute(
            """
            UPDATE label_source SET is_active = EXISTS (
                SELECT 1 FROM source_file
                WHERE source_file.sha256 = label_source.sha256 AND source_file.dataset_id = label_source.dataset_id
                    AND source_file.outcome IN ('label_source', 'known')
            ) AND NOT EXISTS (
                SELECT 1 FROM label_source_retirement
                WHERE label_source_retirement.label_source_id = label_source.label_source_id
                    AND label_source_retirement.restored_at IS NULL
            )
            WHERE dataset_id = \(datasetID) AND name = \(sourceName) AND sha256 IS NOT NULL
            """)
    }
}
