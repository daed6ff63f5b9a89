internal import CanonicalJSON
internal import SQLInterface
internal import Warehouse

/// Runs the queries of `sql/checks/quality`: each row they return is something odd that becomes a finding.
///
/// A row with a column `note` or `sentence` says itself what to do; a `sentence` is told to the user too, at most ten
/// of a check. It is a warning, unless its column `severity` says otherwise.
struct CrossChecks: Sendable {
    let sqlLibrary: SQLLibrary
    let runID: Int64
    let observer: any IngestObserver

    init(sqlLibrary: SQLLibrary, runID: Int64, observer: any IngestObserver) {
        self.sqlLibrary = sqlLibrary
        self.runID = runID
        self.observer = observer
    }

    /// Where a person changes what counts there is no run: findings made then belong to the latest.
    init(
        afterRunsOf warehouse: Warehouse, observer: any IngestObserver, on connection: any WarehouseConnection
    ) async throws {
        let latest = try await connection.rows("SELECT max(ingest_run_id) AS run_id FROM ingest_run")
        self.init(sqlLibrary: warehouse.sqlLibrary, runID: try latest[0].get("run_id"), observer: observer)
    }

    /// Returns how many findings are new.
    func run(on connection: any WarehouseConnection) async throws -> Int {
        let checks = sqlLibrary.qualityChecks(engine: connection.engine)
        var new = 0
        for (index, check) in checks.enumerated() {
            new += try await refresh(check, on: connection)
            observer.progress(.checks, done: index + 1, total: checks.count)
        }
        return new
    }

    /// Brings the findings of all checks up to date that read labels, or which of their sources count.
    func refreshLabels(on connection: any WarehouseConnection) async throws {
        for check in sqlLibrary.qualityChecks(engine: connection.engine)
        where check.inputs.contains(where: { $0.hasPrefix("label") }) {
            _ = try await refresh(check, on: connection)
        }
    }

    /// Brings the findings of one check up to date. Returns how many are new.
    private func refresh(_ check: NamedQuery, on connection: any WarehouseConnection) async throws -> Int {
        let rows = try await connection.rows(try check.sql())
        let findings = try rows.map { try finding(of: check, $0) }
        let writer = FindingWriter(connection: connection, runID: runID)
        var earlier: Set<Int64> = []
        var count = 0
        try await connection.transaction {
            earlier = try await writer.standing(where: "check_name = \(check.name)")
            // What a check no longer finds was cured.
            count = try await writer.replace(earlier, with: findings)
        }
        guard rows.columns.contains(Self.sentence) else { return count }
        tell(findings.filter { !earlier.contains(writer.id(of: $0)) }, of: check)
        return count
    }

    /// A whole export under other Patient IDs is thousands of findings of one kind.
    private static let toldCount = 10

    private func tell(_ findings: [Finding], of check: NamedQuery) {
        for finding in findings.prefix(Self.toldCount) { observer.notice(finding.sentence) }
        let others = findings.count - Self.toldCount
        guard others > 0 else { return }
        observer.notice("\(others) more findings are like these; slicehouse sql \(check.name) lists them.")
    }

    private static let sentence = "sentence"
    private static let note = "note"
    private static let severity = "severity"

    private func finding(of check: NamedQuery, _ row: Row) throws -> Finding {
        let column = [Self.sentence, Self.note].first(where: row.columns.contains)
        let severity = row.columns.contains(Self.severity) ? try row.get(Self.severity, as: String.self) : ""
        return Finding(
            check: check.name, severity: Finding.Severity(rawValue: severity) ?? .warning,
            subject: try subject(of: row),
            sentence: try column.map { try row.get($0, as: String.self) } ?? "A row does not keep to: \(check.title)",
            detail: detail(of: row))
    }

    /// The narrowest thing that the row names.
    private func subject(of row: Row) throws -> Finding.Subject {
        func id(_ column: String) throws -> Int64? {
            row.columns.contains(column) ? try row.get(column, as: Int64?.self) : nil
        }
        let patient = try id("patient_id")
        let series = try id("series_id")
        if let patient, let slice = try id("slice_id") {
            return .slice(patientID: patient, seriesID: series, sliceID: slice)
        }
        if let patient, let series { return .series(patientID: patient, seriesID: series) }
        if let patient { return .patient(patient) }
        return try id("dataset_id").map(Finding.Subject.dataset) ?? .run
    }

    /// Everything but the ids of the subject, and what is said of it.
    private func detail(of row: Row) -> JSONValue {
        let own = ["patient_id", "series_id", "slice_id", "dataset_id", Self.sentence, Self.note, Self.severity]
        var members: [String: JSONValue] = [:]
        for (column, value) in zip(row.columns, row.values) where !own.contains(column) {
            members[column] =
                switch value {
                case .null: .null
                // Ids have 63 bits, JSON numbers 53.
                case .integer(let number): column.hasSuffix("_id") ? .string(String(number)) : .integer(number)
                case .real(let number): .number(number)
                case .text(let text): .string(text)
                case .boolean(let flag): .boolean(flag)
                case .blob(let bytes): .string(hexadecimal(bytes))
                case .timestamp: .null
                }
        }
        return .object(members)
    }
}
