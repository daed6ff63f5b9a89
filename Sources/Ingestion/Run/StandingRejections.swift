internal import SQLInterface
internal import Warehouse

/// What stands rejected in a folder, from this run and earlier ones: a rerun knows these files and reads none of them.
struct StandingRejections: Sendable {
    let fileCount: Int
    /// Rows of tables of which the rest was taken.
    let rowCount: Int

    /// - Parameter roots: The folder as `source_file.root` has it for data of either kind.
    init(roots: [String], on connection: any WarehouseConnection) async throws {
        let rows = try await connection.rows(
            """
            SELECT
                count(DISTINCT CASE WHEN rejection.row_number IS NULL THEN rejection.source_file_id END) AS file_count,
                count(rejection.row_number) AS row_count
            FROM rejection CROSS JOIN source_file
            WHERE source_file.source_file_id = rejection.source_file_id AND rejection.replayed_at IS NULL
                AND source_file.root IN \(list: roots)
            """)
        fileCount = try rows[0].get("file_count")
        rowCount = try rows[0].get("row_count")
    }
}
