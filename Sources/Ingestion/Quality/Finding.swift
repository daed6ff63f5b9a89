internal import CanonicalJSON
internal import SQLInterface
internal import Warehouse

/// Something odd that was stored all the same.
struct Finding: Sendable {
    enum Severity: String, Sendable { case info, warning, error }

    enum Subject: Sendable, Hashable {
        case run
        case dataset(Int64)
        case sourceFile(Int64)
        case patient(Int64)
        case series(patientID: Int64, seriesID: Int64)
        case slice(patientID: Int64, seriesID: Int64?, sliceID: Int64)
    }

    /// Name of the check, snake_case.
    let check: String
    let severity: Severity
    let subject: Subject
    /// One sentence without identifiers.
    let sentence: String
    let detail: JSONValue

    init(check: String, severity: Severity, subject: Subject, sentence: String, detail: JSONValue = [:]) {
        self.check = check
        self.severity = severity
        self.subject = subject
        self.sentence = sentence
        self.detail = detail
    }
}

extension Finding.Subject {
    var level: String {
        switch self {
        case .run: "run"
        case .dataset: "dataset"
        case .sourceFile: "source_file"
        case .patient: "patient"
        case .series: "series"
        case .slice: "slice"
        }
    }

    /// dataset_id, source_file_id, patient_id, series_id, slice_id.
    var ids: [SQLValue] {
        switch self {
        case .run: [.null, .null, .null, .null, .null]
        case .dataset(let id): [.integer(id), .null, .null, .null, .null]
        case .sourceFile(let id): [.null, .integer(id), .null, .null, .null]
        case .patient(let id): [.null, .null, .integer(id), .null, .null]
        case .series(let patient, let series): [.null, .null, .integer(patient), .integer(series), .null]
        case .slice(let patient, let series, let slice):
            [.null, .null, .integer(patient), SQLValue(series), .integer(slice)]
        }
    }
}

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
