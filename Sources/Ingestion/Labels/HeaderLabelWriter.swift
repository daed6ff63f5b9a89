internal import Datasets
internal import Domains
internal import SQLInterface
internal import Warehouse

/// Brings the labels of one data set's headers to what the headers say, and touches nothing that stands already.
struct HeaderLabelWriter {
    let connection: any WarehouseConnection
    let clock: @Sendable () -> SQLTimestamp
    let datasetID: Int64

    func bring(
        _ series: [Int64], to wanted: Set<HeaderAnswer>, vocabulary: Vocabulary, fileName: String, isPreview: Bool
    ) async throws -> HeaderLabels.Changes {
        let natural: [SQLValue] = [.integer(datasetID), .text("header:" + vocabulary.name), .null]
        let sourceID = try await KeyResolver(connection: connection).resolve(natural, in: .labelSource)
        let found = try await changes(series, to: wanted, sourceID: sourceID)
        guard !isPreview, !found.missing.isEmpty || !found.obsolete.isEmpty else { return found.counts }
        return try await connection.transaction {
            // Of two runs that end together the second waits here, and then finds the labels of the first.
            try await connection.claimWaiting(key: sourceID)
            let open = try await changes(series, to: wanted, sourceID: sourceID)
            for answer in open.obsolete { try await remove(answer, sourceID: sourceID) }
            try await add(Array(open.missing), sourceID: sourceID, vocabulary: vocabulary, fileName: fileName)
            return open.counts
        }
    }

    private struct OpenChanges {
        let missing: Set<HeaderAnswer>
        let obsolete: Set<HeaderAnswer>

        var counts: HeaderLabels.Changes {
            var changes = HeaderLabels.Changes()
            for answer in missing { changes.added[answer.domain, default: 0] += 1 }
            for answer in obsolete { changes.removed[answer.domain, default: 0] += 1 }
            return changes
        }
    }

    private func changes(
        _ series: [Int64], to wanted: Set<HeaderAnswer>, sourceID: Int64
    ) async throws -> OpenChanges {
        let stored = try await stored(series, sourceID: sourceID)
        return OpenChanges(missing: wanted.subtracting(stored), obsolete: stored.subtracting(wanted))
    }

    // MARK: Stored

    private func stored(_ series: [Int64], sourceID: Int64) async throws -> Set<HeaderAnswer> {
        let rows = try await connection.rows(
            """
            SELECT label.patient_id, label.series_id, NULL AS slice_id, label_domain.name, label.occurrence,
                label.raw_value
            FROM label JOIN label_domain ON label_domain.label_domain_id = label.label_domain_id
            WHERE label.label_source_id = \(sourceID) AND label.series_id IN \(list: series)
            UNION ALL
            SELECT slice.patient_id, slice.series_id, slice.slice_id, label_domain.name, label.occurrence,
                label.raw_value
            FROM slice
            JOIN label ON label.patient_id = slice.patient_id AND label.slice_id = slice.slice_id
            JOIN label_domain ON label_domain.label_domain_id = label.label_domain_id
            WHERE label.label_source_id = \(sourceID) AND slice.series_id IN \(list: series)
            """)
        return Set(
            try rows.map { row in
                HeaderAnswer(
                    patientID: try row.get("patient_id"), seriesID: try row.get("series_id"),
                    sliceID: try row.get("slice_id"), domain: try row.get("name"),
                    occurrence: try row.get("occurrence"), rawValue: try row.get("raw_value"))
            })
    }

    private func remove(_ answer: HeaderAnswer, sourceID: Int64) async throws {
        _ = try await connection.execute(
            """
            DELETE FROM label
            WHERE patient_id = \(answer.patientID) AND label_source_id = \(sourceID)
                AND subject_id = \(answer.subjectID) AND occurrence = \(answer.occurrence)
                AND label_domain_id = (SELECT label_domain_id FROM label_domain WHERE name = \(answer.domain))
            """)
    }

    // MARK: New

    private static let columns = [
        "patient_id", "label_source_id", "label_id", "label_domain_id", "reader_id", "level", "series_id", "slice_id",
        "occurrence", "raw_value", "ingest_run_id",
    ]

    private func add(
        _ answers: [HeaderAnswer], sourceID: Int64, vocabulary: Vocabulary, fileName: String
    ) async throws {
        guard !answers.isEmpty else { return }
        let domains = try await VocabularyRegistry(connection: connection, clock: clock).register(
            vocabulary, fileName: fileName)
        try await connection.execute(
            """
            INSERT INTO label_source (label_source_id, dataset_id, name, kind, is_active)
            VALUES (\(sourceID), \(datasetID), \("header:" + vocabulary.name), 'header', \(true))
            ON CONFLICT DO NOTHING
            """)
        let readerID = try await ReaderRegistry(connection: connection).id(
            of: LabelReader(key: "header", kind: .device), datasetID: datasetID)
        let runs = try await runs(of: answers)
        let keys = answers.map { answer -> [SQLValue] in
            [
                .integer(sourceID), .integer(answer.subjectID), .integer(domains[answer.domain]?.id ?? 0),
                .integer(readerID), .integer(Int64(answer.occurrence)),
            ]
        }
        let ids = try await KeyResolver(connection: connection).resolve(
            keys, in: .label, of: Set(answers.map(\.patientID)))
        var cleaners = domains.mapValues { Cleaner($0.ruleset) }
        var rows: [[SQLValue]] = []
        var values: [[SQLValue]] = []
        for (answer, key) in zip(answers, keys) {
            guard let domain = domains[answer.domain], let id = ids[key], let run = runs[answer.seriesID],
                let result = cleaners[answer.domain]?.clean(answer.rawValue)
            else { continue }
            rows.append([
                .integer(answer.patientID), .integer(sourceID), .integer(id), .integer(domain.id), .integer(readerID),
                .text(answer.sliceID == nil ? "series" : "slice"),
                answer.sliceID == nil ? .integer(answer.seriesID) : .null, SQLValue(answer.sliceID),
                .integer(Int64(answer.occurrence)), .text(answer.rawValue), .integer(run),
            ])
            values += ValueRows(result, domain: domain).rows(
                patientID: answer.patientID, sourceID: sourceID, labelID: id)
        }
        try await connection.load(table: "label", columns: Self.columns, rows: rows)
        try await connection.load(table: "label_value", columns: ValueRows.columns, rows: values)
    }

    /// The run that stored the header is the one that asserts.
    private func runs(of answers: [HeaderAnswer]) async throws -> [Int64: Int64] {
        let ids = Set(answers.map(\.seriesID)).sorted()
        var runs: [Int64: Int64] = [:]
        for row in try await connection.rows(
            "SELECT series_id, ingest_run_id FROM series WHERE series_id IN \(list: ids)")
        {
            runs[try row.get("series_id")] = try row.get("ingest_run_id")
        }
        return runs
    }
}
