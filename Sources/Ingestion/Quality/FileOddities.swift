internal import DICOM
internal import SQLInterface
internal import Warehouse

/// What was odd about files when they were read: findings that end when the file is read again and no longer odd.
struct FileOddities: Sendable {
    let connection: any WarehouseConnection
    let context: RunContext

    /// A finding about a mask that marks nothing, which its file says.
    private static let emptyMask = "empty_mask"

    /// Other findings about a file (masks that wait) are settled where they are made.
    private static let checks =
        DICOMWarning.Code.allCases.map(\.rawValue)
        + [
            StorableFacts.notFinite, StorableFacts.outOfRange, emptyMask, UnlistedValues.check,
            HeaderComparison.check,
        ]

    /// Takes out what was said of these files before and is not among the findings of this reading.
    func end(of fileIDs: [Int64], but findings: [Finding]) async throws {
        let writer = FindingWriter(connection: connection, context: context)
        let standing = Set(findings.map(writer.id(of:)))
        for start in stride(from: 0, to: fileIDs.count, by: 500) {
            let page = Array(fileIDs[start..<min(start + 500, fileIDs.count)])
            let rows = try await connection.rows(
                """
                SELECT quality_finding_id, check_name, level FROM quality_finding
                WHERE source_file_id IN \(list: page)
                """)
            var ended: [Int64] = []
            for row in rows where try isOfReading(row) {
                let id = try row.get("quality_finding_id", as: Int64.self)
                if !standing.contains(id) { ended.append(id) }
            }
            try await writer.remove(ended)
        }
    }

    private func isOfReading(_ row: Row) throws -> Bool {
        try row.get("level", as: String.self) == "source_file"
            && Self.checks.contains(try row.get("check_name", as: String.self))
    }
}
