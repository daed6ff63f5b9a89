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

    /// Returns how many found their image.
    func resolve() async throws -> Int {
        let sources = try await connection.rows(
            """
            SELECT DISTINCT dataset_id, label_source_id, reader_id FROM label_unresolved ORDER BY label_source_id
            """)
        var count = 0
        for source in sources { count += try await resolve(source) }
        if count > 0 { try await refreshFindings() }
        return count
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

    private func resolve(_ source: Row) async throws -> Int {
        let datasetID: Int64 = try source.get("dataset_id")
        let sourceID: Int64 = try source.get("label_source_id")
        let readerID: Int64 = try source.get("reader_id")
        return try await connection.transaction {
            // Of two runs that end together the second waits here and finds nothing left to do.
            try await connection.claimWaiting(key: sourceID)
            let found = try await arrived(sourceID: sourceID, readerID: readerID, datasetID: datasetID)
            guard !found.isEmpty else { return 0 }
            let domains = try await DomainCatalogue(connection: connection).domains(
                named: Set(found.map(\.label.assertion.domain)))
            let origin = LabelOrigin(
                datasetID: datasetID, sourceID: sourceID, readerID: readerID, sourceFileID: found[0].sourceFileID,
                runID: runID)
            try await LabelWriter(connection: connection, domains: domains).write(found.map(\.label), from: origin)
            try await addReadings(found, readerID: readerID)
            for start in stride(from: 0, to: found.count, by: 500) {
                let ids = found[start..<min(start + 500, found.count)].map(\.id)
                try await connection.execute(
                    "DELETE FROM label_unresolved WHERE label_unresolved_id IN \(list: ids)")
            }
            return found.count
        }
    }

    /// Labels whose patient or image is there now; the others are not even read.
    private func arrived(sourceID: Int64, readerID: Int64, datasetID: Int64) async throws -> [Waiting] {
        let rows = try await connection.rows(
            """
            SELECT label_unresolved_id, patient_key, study_key, series_key, instance_number, sop_instance_uid,
                label_unresolved.level, label_domain.name AS domain, raw_value, source_row, occurrence, source_file_id
            FROM label_unresolved JOIN label_domain
                ON label_domain.label_domain_id = label_unresolved.label_domain_id
            WHERE label_source_id = \(sourceID) AND reader_id = \(readerID)
            AND (EXISTS (SELECT 1 FROM patient WHERE patient.dataset_id = \(datasetID)
                    AND patient.patient_key = label_unresolved.patient_key)
                OR EXISTS (SELECT 1 FROM slice WHERE slice.sop_instance_uid = label_unresolved.sop_instance_uid))
            ORDER BY patient_key, series_key, instance_number, sop_instance_uid
            """)
        var subjects = LabelSubjects(datasetID: datasetID, on: connection)
        var found: [Waiting] = []
        for row in rows {
            let level: String = try row.get("level")
            let key = LabelKey(
                level: LabelLevel(rawValue: level) ?? .slice, patient: try row.get("patient_key"),
                study: try row.get("study_key"), series: try row.get("series_key"),
                slice: try row.get("instance_number"), sopInstanceUID: try row.get("sop_instance_uid"))
            let assertion = LabelAssertion(
                key: key, domain: try row.get("domain"), rawValue: try row.get("raw_value"),
                row: try row.get("source_row"))
            guard case .found(let subject) = try await subjects.subject(of: key) else { continue }
            found.append(
                Waiting(
                    id: try row.get("label_unresolved_id"),
                    label: ResolvedLabel(
                        assertion: assertion, subject: subject, occurrence: try row.get("occurrence")),
                    sourceFileID: try row.get("source_file_id")))
        }
        return found
    }

    private func addReadings(_ found: [Waiting], readerID: Int64) async throws {
        try await ReadingWriter(connection: connection).write(found.map(\.label.subject), readerID: readerID)
    }
}
