internal import Datasets
internal import SQLInterface
internal import Warehouse

/// A file or a row of a table on its way into quarantine.
struct Rejection: Sendable {
    let fileNumber: Int
    let row: Int?
    let stage: FileRejection.Stage
    let code: String
    let sentence: String
    let byteOffset: Int64?
}

/// Writes rows of `rejection`.
struct RejectionWriter: Sendable {
    let connection: any WarehouseConnection
    let context: RunContext

    private static let columns = [
        "ingest_run_id", "source_file_id", "file_number", "row_number", "stage", "code", "byte_offset",
        "reader_version", "sentence",
    ]

    func write(_ rejections: [Rejection], sourceIDs: [Int: Int64]) async throws {
        guard !rejections.isEmpty else { return }
        let rows = rejections.map { rejection in
            [
                .integer(context.runID), SQLValue(sourceIDs[rejection.fileNumber]),
                .integer(Int64(rejection.fileNumber)), SQLValue(rejection.row), .text(rejection.stage.rawValue),
                .text(rejection.code), SQLValue(rejection.byteOffset), .text(context.version),
                .text(rejection.sentence),
            ] as [SQLValue]
        }
        try await connection.load(table: "rejection", columns: Self.columns, rows: rows)
    }
}
