internal import CanonicalJSON
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
            SELECT DISTINCT dataset_id, label_source_id, reader_id, study_key, series_key FROM label_unresolved
            ORDER BY label_source_id, study_key, series_key
            """)
        var count = 0
        for source in sources { count += try await resolve(source) }
        if count > 0 { try await refreshFindings() }
        return count
    }

    /// The finding that rows wait for their images counts those that still do, and goes with the last of them.
    private func refreshFindings() async throws {
        let rows = try await connection.rows(
            """
            SELECT quality_finding.quality_finding_id, quality_finding.source_file_id, quality_finding.detail, (
                SELECT count(DISTINCT label_unresolved.source_row) FROM label_unresolved
                WHERE label_unresolved.source_file_id = quality_finding.source_file_id
            ) AS waiting_count
            FROM quality_finding WHERE quality_finding.check_name = \(LabelTableNotes.waiting)
            """)
        for row in rows {
            let count: Int = try row.get("waiting_count")
            var detail = try JSONValue(parsing: try row.get("detail")).object ?? [:]
            guard let fileID: Int64 = try row.get("source_file_id"), detail["count"] != .integer(count) else {
                continue
            }
            detail["count"] = .integer(count)
            let finding = Finding(
                check: LabelTableNotes.waiting, severity: .warning, subject: .sourceFile(fileID),
                sentence: LabelTableNotes.waitingSentence(count), detail: .object(detail))
            let old: Int64 = try row.get("quality_finding_id")
            try await connection.transaction {
                try await connection.execute("DELETE FROM quality_finding WHERE quality_finding_id = \(old)")
                guard count > 0 else { return }
                _ = try await FindingWriter(connection: connection, context: context).write([finding])
            }
        }
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
            let found = try await arrived(
                sourceID: sourceID, readerID: readerID, datasetID: datasetID, reference: try reference(of: source))
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

    private func reference(of source: Row) throws -> SeriesReference? {
        guard let study = try source.get("study_key", as: String?.self),
            let series = try source.get("series_key", as: String?.self)
        else { return nil }
        return SeriesReference(studyKey: study, seriesKey: series)
    }

    private func arrived(
        sourceID: Int64, readerID: Int64, datasetID: Int64, reference: SeriesReference?
    ) async throws -> [Waiting] {
        let rows = try await connection.rows(
            """
            SELECT label_unresolved_id, patient_key, instance_number, label_domain.name AS domain, raw_value,
                source_row, occurrence, source_file_id
            FROM label_unresolved JOIN label_domain
                ON label_domain.label_domain_id = label_unresolved.label_domain_id
            WHERE label_source_id = \(sourceID) AND reader_id = \(readerID)
            AND study_key IS NOT DISTINCT FROM CAST(\(reference?.studyKey) AS TEXT)
            AND series_key IS NOT DISTINCT FROM CAST(\(reference?.seriesKey) AS TEXT)
            ORDER BY patient_key, instance_number
            """)
        var subjects = LabelSubjects(datasetID: datasetID, reference: reference, on: connection)
        var found: [Waiting] = []
        for row in rows {
            let assertion = LabelAssertion(
                patientKey: try row.get("patient_key"), instanceNumber: try row.get("instance_number"),
                domain: try row.get("domain"), rawValue: try row.get("raw_value"), row: try row.get("source_row"))
            guard case .found(let subject) = try await subjects.subject(of: assertion) else { continue }
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
