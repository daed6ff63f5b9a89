internal import CanonicalJSON
internal import SQLInterface
internal import Warehouse

/// Findings of a file that some of what it says waits for images: they count what still does, and go with the last.
struct WaitingNotes: Sendable {
    let connection: any WarehouseConnection
    let context: RunContext
    let check: String
    /// A query of one number: how much of the file `quality_finding.source_file_id` waits.
    let count: SQL
    let sentence: @Sendable (Int) -> String

    func refresh() async throws {
        let rows = try await connection.rows(
            """
            SELECT quality_finding.quality_finding_id, quality_finding.source_file_id, quality_finding.detail,
                (\(sql: count)) AS waiting_count
            FROM quality_finding WHERE quality_finding.check_name = \(check)
            """)
        for row in rows {
            let count: Int = try row.get("waiting_count")
            var detail = try JSONValue(parsing: try row.get("detail")).object ?? [:]
            guard let fileID: Int64 = try row.get("source_file_id"), detail["count"] != .integer(count) else {
                continue
            }
            detail["count"] = .integer(count)
            try await replace(try row.get("quality_finding_id"), ofFile: fileID, count: count, detail: .object(detail))
        }
    }

    private func replace(_ id: Int64, ofFile fileID: Int64, count: Int, detail: JSONValue) async throws {
        let finding = Finding(
            check: check, severity: .warning, subject: .sourceFile(fileID), sentence: sentence(count), detail: detail)
        try await connection.transaction {
            try await connection.execute("DELETE FROM quality_finding WHERE quality_finding_id = \(id)")
            guard count > 0 else { return }
            _ = try await FindingWriter(connection: connection, context: context).write([finding])
        }
    }
}
