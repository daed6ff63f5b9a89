internal import Datasets
internal import Domains
internal import SQLInterface
internal import Tables
internal import Warehouse

/// Labels that came before their images: they become labels as soon as the image is there.
struct WaitingLabels: Sendable {
    let connection: any WarehouseConnection
    let context: RunContext

    private var runID: Int64 { context.runID }

    /// Labels that are looked at in one transaction.
    private static let pageSize = 50_000

    struct Arrived: Sendable {
        /// Labels that found their image.
        var count = 0
        /// How many of them the rules do not understand.
        var quarantined = 0
    }

    func resolve() async throws -> Arrived {
        let sources = try await connection.rows(
            """
            SELECT label_source_id, dataset_id FROM label_source WHERE EXISTS (
                SELECT 1 FROM label_unresolved WHERE label_unresolved.label_source_id = label_source.label_source_id)
            ORDER BY label_source_id
            """)
        var arrived = Arrived()
        for source in sources {
            let found = try await resolve(source)
            arrived.count += found.count
            arrived.quarantined += found.quarantined
        }
        if arrived.count > 0 { try await refreshFindings() }
        return arrived
    }

    private func refreshFindings() async throws {
        try await WaitingNotes(
            connection: connection, context: context, check: LabelTableNotes.waiting,
            count: """
                SELECT count(DISTINCT label_unresolved.source_row) FROM label_unresolved
                WHERE label_unresolved.source_file_id = quality_finding.source_file_id
                """, sentence: { LabelTableNotes.waitingSentence($0) }
        ).refresh()
    }

    private struct Waiting {
        let id: Int64
        let label: ResolvedLabel
        let sourceFileID: Int64?
    }

    private func resolve(_ source: Row) async throws -> Arrived {
        let sourceID: Int64 = try source.get("label_source_id")
        let datasetID: Int64 = try source.get("dataset_id")
        // A table has one reader.
        let reader = try await connection.rows(
            "SELECT reader_id FROM label_unresolved WHERE label_source_id = \(sourceID) LIMIT 1")
        guard let readerID = try reader.first?.get("reader_id", as: Int64.self) else { return Arrived() }
        var subjects = LabelSubjects(datasetID: datasetID, on: connection)
        var last: Int64 = -1
        var arrived = Arrived()
        while true {
            let page = try await connection.transaction {
                // Of two runs that end together the second waits here and finds nothing left to do.
                try await connection.claimWaiting(key: sourceID)
                let rows = try await arrivedRows(sourceID: sourceID, datasetID: datasetID, after: last)
                let found = try await place(rows, in: &subjects)
                let quarantined = try await write(
                    found,
                    from: LabelOrigin(
                        datasetID: datasetID, sourceID: sourceID, readerID: readerID,
                        sourceFileID: found.first?.sourceFileID, runID: runID))
                return (
                    rows: rows.count, found: found.count, quarantined: quarantined,
                    last: rows.rows.last?.first.map(Self.id)
                )
            }
            arrived.count += page.found
            arrived.quarantined += page.quarantined
            guard page.rows == Self.pageSize, let end = page.last else { return arrived }
            last = end
        }
    }

    private static func id(_ value: SQLValue) -> Int64 {
        if case .integer(let id) = value { id } else { .max }
    }

    /// Returns how many the rules do not understand.
    private func write(_ found: [Waiting], from origin: LabelOrigin) async throws -> Int {
        guard !found.isEmpty else { return 0 }
        let domains = try await DomainCatalogue(connection: connection).domains(
            named: Set(found.map(\.label.assertion.domain)))
        let written = try await LabelWriter(connection: connection, domains: domains).write(
            found.map(\.label), from: origin)
        try await ReadingWriter(connection: connection).write(
            found.lazy.map(\.label.subject), readerID: origin.readerID)
        for start in stride(from: 0, to: found.count, by: 500) {
            let ids = found[start..<min(start + 500, found.count)].map(\.id)
            try await connection.execute(
                """
                DELETE FROM label_unresolved
                WHERE label_source_id = \(origin.sourceID) AND label_unresolved_id IN \(list: ids)
                """)
        }
        return written.quarantined
    }

    /// Labels whose patient or image is there now, in order of their ids; the others are not even read.
    private func arrivedRows(sourceID: Int64, datasetID: Int64, after last: Int64) async throws -> RowSet {
        try await connection.rows(
            """
            SELECT label_unresolved_id, patient_key, study_key, series_key, instance_number, sop_instance_uid,
                label_unresolved.level, label_domain.name AS domain, raw_value, source_row, occurrence, source_file_id
            FROM label_unresolved JOIN label_domain
                ON label_domain.label_domain_id = label_unresolved.label_domain_id
            WHERE label_source_id = \(sourceID) AND label_unresolved_id > \(last)
            AND (EXISTS (SELECT 1 FROM patient WHERE patient.dataset_id = \(datasetID)
                    AND patient.patient_key = label_unresolved.patient_key)
                OR EXISTS (SELECT 1 FROM slice WHERE slice.sop_instance_uid = label_unresolved.sop_instance_uid))
            ORDER BY label_unresolved_id LIMIT \(Self.pageSize)
            """)
    }

    private func place(_ rows: RowSet, in subjects: inout LabelSubjects) async throws -> [Waiting] {
        var found: [Waiting] = []
        for row in rows {
            let level: String = try row.get("level")
            let key = LabelKey(
                level: LabelLevel(rawValue: level) ?? .slice, patient: try row.get("patient_key"),
                study: try row.get("study_key"), series: try row.get("series_key"),
                slice: try row.get("instance_number"), sopInstanceUID: try row.get("sop_instance_uid"))
            guard case .found(let subject) = try await subjects.subject(of: key) else { continue }
            let assertion = LabelAssertion(
                key: key, domain: try row.get("domain"), rawValue: try row.get("raw_value"),
                row: try row.get("source_row"))
            found.append(
                Waiting(
                    id: try row.get("label_unresolved_id"),
                    label: ResolvedLabel(
                        assertion: assertion, subject: subject, occurrence: try row.get("occurrence")),
                    sourceFileID: try row.get("source_file_id")))
        }
        return found
    }
}
