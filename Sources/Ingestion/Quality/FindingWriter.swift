internal import CanonicalJSON
internal import SQLInterface
internal import Warehouse

/// Writes findings. One that is found again is the same row: its id is a content key of check, subject and detail.
struct FindingWriter: Sendable {
    let connection: any WarehouseConnection
    let runID: Int64

    init(connection: any WarehouseConnection, runID: Int64) {
        self.connection = connection
        self.runID = runID
    }

    init(connection: any WarehouseConnection, context: RunContext) {
        self.init(connection: connection, runID: context.runID)
    }

    private static let columns = [
        "quality_finding_id", "check_name", "severity", "level", "dataset_id", "source_file_id", "patient_id",
        "series_id", "slice_id", "sentence", "detail", "ingest_run_id",
    ]

    /// Returns how many were new.
    func write(_ findings: [Finding]) async throws -> Int {
        var new = 0
        var seen: Set<Int64> = []
        let keyed = findings.map { ($0, id(of: $0)) }.filter { seen.insert($0.1).inserted }
        for start in stride(from: 0, to: keyed.count, by: 200) {
            var statement: SQL =
                "INSERT INTO quality_finding (\(raw: Self.columns.joined(separator: ", "))) VALUES "
            for (index, (finding, id)) in keyed[start..<min(start + 200, keyed.count)].enumerated() {
                statement.append(index == 0 ? "" : ", ")
                statement.append("\(list: values(finding, id: id))")
            }
            statement.append(" ON CONFLICT (quality_finding_id) DO NOTHING")
            new += try await connection.execute(statement)
        }
        return new
    }

    /// Takes out findings that no longer hold.
    func remove(_ ids: some Sequence<Int64>) async throws {
        let sorted = ids.sorted()
        for start in stride(from: 0, to: sorted.count, by: 500) {
            let page = Array(sorted[start..<min(start + 500, sorted.count)])
            try await connection.execute("DELETE FROM quality_finding WHERE quality_finding_id IN \(list: page)")
        }
    }

    /// Findings that fulfil a condition on `quality_finding`.
    func standing(where condition: SQL) async throws -> Set<Int64> {
        let rows = try await connection.rows(
            "SELECT quality_finding_id FROM quality_finding WHERE \(sql: condition)")
        return Set(try rows.map { try $0.get("quality_finding_id", as: Int64.self) })
    }

    /// Takes out those of `standing` that are not found any more.
    func end(_ standing: Set<Int64>, but found: [Finding]) async throws {
        try await remove(standing.subtracting(found.map(id(of:))))
    }

    /// Writes what is found now in place of what stood; what still holds stays a finding of the run that found it.
    /// Returns how many are new.
    func replace(_ standing: Set<Int64>, with found: [Finding]) async throws -> Int {
        try await end(standing, but: found)
        return try await write(found)
    }

    func id(of finding: Finding) -> Int64 {
        let parts = [.text(finding.check), .text(finding.subject.level)] + finding.subject.ids
        let natural = parts + [.text(finding.sentence), .text(finding.detail.text)]
        return ContentKey("quality_finding", natural.map(ContentKey.Part.init(value:))).id()
    }

    private func values(_ finding: Finding, id: Int64) -> [SQLValue] {
        [.integer(id), .text(finding.check), .text(finding.severity.rawValue), .text(finding.subject.level)]
            + finding.subject.ids + [.text(finding.sentence), .text(finding.detail.text), .integer(runID)]
    }
}
