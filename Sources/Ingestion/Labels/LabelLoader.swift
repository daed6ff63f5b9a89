internal import CanonicalJSON
internal import Crypto
internal import Datasets
internal import Domains
internal import SQLInterface
internal import Warehouse

/// Reads one label table into the warehouse, in one transaction with the row that says so.
struct LabelLoader: Sendable {
    let connection: any WarehouseConnection
    let context: RunContext
    let vocabularies: VocabularyLibrary

    struct Outcome: Sendable {
        var source: SourceOutcome
        var labels = 0
        var unresolved = 0
        var rejectedRows = 0
        var findings = 0
        var outdatedDomains: [String] = []
    }

    func load(_ plan: LabelFilePlan, entry: RunPlan.PlannedEntry, path: String) async throws -> Outcome {
        let bytes: [UInt8]
        do {
            bytes = try FileBytes.read(path)
        } catch {
            return try await reject(plan, entry, sha256: nil, code: error.code, sentence: sentence(plan, error.reason))
        }
        let sha256 = Array(SHA256.hash(data: bytes))
        let vocabulary = try vocabularies.vocabulary(named: plan.vocabulary)
        do {
            let table = try LabelTable(bytes: bytes, layout: plan.layout, vocabulary: vocabulary)
            return try await store(table, plan: plan, entry: entry, sha256: sha256, vocabulary: vocabulary)
        } catch let error as LabelTableError {
            return try await reject(
                plan, entry, sha256: sha256, code: error.code, sentence: sentence(plan, error.sentence))
        } catch let failure as any DatabaseFailure where failure.kind.isRefusal {
            let reason = "the database refused its labels (\(failure.kind.rawValue)); please report this."
            return try await reject(
                plan, entry, sha256: sha256, code: RejectionCode.refusedByDatabase, sentence: sentence(plan, reason))
        }
    }

    private func sentence(_ plan: LabelFilePlan, _ reason: String) -> String {
        "\(context.cloak.label(plan.file, plan.dataset.patientKeyKind).capitalizedFirst): \(reason)"
    }

    // MARK: Rejection

    private func reject(
        _ plan: LabelFilePlan, _ entry: RunPlan.PlannedEntry, sha256: [UInt8]?, code: String, sentence: String
    ) async throws -> Outcome {
        let row = SourceRow(
            file: plan.file, status: entry.status, kind: plan.dataset.patientKeyKind, datasetID: nil, sha256: sha256,
            outcome: .rejected(code: code))
        let rejection = Rejection(
            fileNumber: plan.file.number, row: nil, stage: .label, code: code, sentence: sentence, byteOffset: nil)
        try await connection.transaction {
            let ids = try await SourceWriter(connection: connection, context: context).write([row])
            try await RejectionWriter(connection: connection, context: context).write([rejection], sourceIDs: ids)
        }
        context.observer.notice(sentence)
        return Outcome(source: .rejected(code: code))
    }

    // MARK: Storing

    private func store(
        _ table: LabelTable, plan: LabelFilePlan, entry: RunPlan.PlannedEntry, sha256: [UInt8],
        vocabulary: Vocabulary
    ) async throws -> Outcome {
        try await connection.transaction {
            let resolver = KeyResolver(connection: connection)
            let datasetID = try await resolver.resolve(
                [.text(plan.dataset.name), .text(plan.dataset.version)], in: .dataset)
            let sourceID = try await resolver.resolve(
                [.integer(datasetID), .text(plan.sourceName), .blob(sha256)], in: .labelSource)
            try await connection.claimWaiting(key: sourceID)
            let isKnown = try await !connection.rows(
                "SELECT 1 FROM label_source WHERE label_source_id = \(sourceID)"
            ).isEmpty
            let replayed = isKnown ? try await rejectedRows(of: sourceID) : nil
            let isRead = !isKnown || replayed?.isEmpty == false
            let sourceFileID = try await writeSource(
                plan, entry, sha256: sha256, datasetID: datasetID, outcome: isRead ? .labelSource : .known)
            guard isRead else {
                try await refreshForce(plan, datasetID: datasetID)
                return Outcome(source: .known)
            }
            try await addDataset(plan.dataset, id: datasetID)
            let domains = try await VocabularyRegistry(connection: connection, clock: context.clock).register(
                vocabulary, fileName: plan.vocabulary + ".yaml")
            context.failpoints.pass(.vocabularyWritten)
            let origin = LabelOrigin(
                datasetID: datasetID, sourceID: sourceID,
                readerID: try await ReaderRegistry(connection: connection).id(of: plan.reader, datasetID: datasetID),
                sourceFileID: sourceFileID, runID: context.runID)
            if !isKnown { try await addSource(plan, origin: origin, sha256: sha256) }
            try await refreshForce(plan, datasetID: datasetID)
            var outcome = try await write(
                replayed.map(table.rows) ?? table, isReplay: isKnown, plan: plan, origin: origin, domains: domains)
            outcome.outdatedDomains = domains.filter(\.value.isOutdated).keys.sorted()
            context.failpoints.pass(.labelsLoaded)
            return outcome
        }
    }

    private func writeSource(
        _ plan: LabelFilePlan, _ entry: RunPlan.PlannedEntry, sha256: [UInt8], datasetID: Int64,
        outcome: SourceOutcome
    ) async throws -> Int64? {
        let row = SourceRow(
            file: plan.file, status: entry.status, kind: plan.dataset.patientKeyKind, datasetID: datasetID,
            sha256: sha256, outcome: outcome)
        return try await SourceWriter(connection: connection, context: context).write([row])[plan.file.number]
    }

    /// A table of labels may come before the first image of its data set.
    private func addDataset(_ dataset: DatasetIdentity, id: Int64) async throws {
        try await connection.execute(
            """
            INSERT INTO dataset (dataset_id, name, version, adapter, patient_key_kind, created_at)
            VALUES (\(id), \(dataset.name), \(dataset.version), \(dataset.adapter),
                \(dataset.patientKeyKind.rawValue), \(context.clock())) ON CONFLICT DO NOTHING
            """)
    }

    private func addSource(_ plan: LabelFilePlan, origin: LabelOrigin, sha256: [UInt8]) async throws {
        try await connection.execute(
            """
            INSERT INTO label_source (label_source_id, dataset_id, name, source_file_id, kind, sha256, is_active)
            VALUES (\(origin.sourceID), \(origin.datasetID), \(plan.sourceName), \(origin.sourceFileID), 'csv',
                \(sha256), \(true))
            """)
    }

    /// A table is in force while some file holds it: a corrected file takes its earlier version out of force, and back
    /// in when it is changed back; the table of another folder stays as it is. The labels of all are kept.
    private func refreshForce(_ plan: LabelFilePlan, datasetID: Int64) async throws {
        try await connection.execute(
            """
            UPDATE label_source SET is_active = EXISTS (
                SELECT 1 FROM source_file
                WHERE source_file.sha256 = label_source.sha256 AND source_file.dataset_id = label_source.dataset_id
                    AND source_file.outcome IN ('label_source', 'known')
            )
            WHERE dataset_id = \(datasetID) AND name = \(plan.sourceName) AND sha256 IS NOT NULL
            """)
    }

    /// Rows that stand rejected of a table that is stored, where this run should try them again.
    private func rejectedRows(of sourceID: Int64) async throws -> Set<Int> {
        guard context.settings.replayRejected else { return [] }
        let rows = try await connection.rows(
            """
            SELECT DISTINCT rejection.row_number
            FROM label_source JOIN rejection ON rejection.source_file_id = label_source.source_file_id
            WHERE label_source.label_source_id = \(sourceID) AND rejection.row_number IS NOT NULL
                AND rejection.replayed_at IS NULL
            """)
        return Set(try rows.map { try $0.get("row_number", as: Int.self) })
    }

    /// - Parameter isReplay: some of the labels may be stored already.
    private func write(
        _ table: LabelTable, isReplay: Bool, plan: LabelFilePlan, origin: LabelOrigin,
        domains: [String: RegisteredDomain]
    ) async throws -> Outcome {
        var outcome = Outcome(source: .labelSource)
        var subjects = LabelSubjects(datasetID: origin.datasetID, reference: plan.subject, on: connection)
        var occurrences = OccurrenceCounter()
        var found: [ResolvedLabel] = []
        var missing: [UnresolvedLabel] = []
        for assertion in table.assertions {
            guard let occurrence = occurrences.occurrence(of: assertion) else { continue }
            switch try await subjects.subject(of: assertion) {
            case .found(let subject):
                found.append(ResolvedLabel(assertion: assertion, subject: subject, occurrence: occurrence))
            case .missing(let reason):
                missing.append(
                    UnresolvedLabel(
                        assertion: assertion, reference: plan.subject, occurrence: occurrence, reason: reason))
            }
        }
        try await LabelWriter(connection: connection, domains: domains).write(
            found, from: origin, leavingOutStored: isReplay)
        try await UnresolvedWriter(connection: connection, domains: domains).write(missing, from: origin)
        try await ReadingWriter(connection: connection).write(found.map(\.subject), readerID: origin.readerID)
        try await reject(table.rejectedRows, of: plan, origin: origin)
        try await removeNotes(of: origin.sourceFileID)
        let notes = LabelTableNotes(table: table, occurrences: occurrences, unresolved: missing, plan: plan)
        outcome.findings = try await FindingWriter(connection: connection, context: context).write(
            notes.findings(origin: origin))
        outcome.labels = found.count
        outcome.unresolved = missing.count
        outcome.rejectedRows = table.rejectedRows.count
        return outcome
    }

    /// What was odd about an earlier version of the file no longer is.
    private func removeNotes(of sourceFileID: Int64?) async throws {
        guard let sourceFileID else { return }
        try await connection.execute(
            """
            DELETE FROM quality_finding
            WHERE source_file_id = \(sourceFileID) AND check_name IN \(list: LabelTableNotes.checks)
            """)
    }

    private func reject(_ rows: [RejectedRow], of plan: LabelFilePlan, origin: LabelOrigin) async throws {
        let label = context.cloak.label(plan.file, plan.dataset.patientKeyKind).capitalizedFirst
        let rejections = rows.map { row in
            Rejection(
                fileNumber: plan.file.number, row: row.row, stage: .label, code: row.code,
                sentence: "\(label), line \(row.line): \(row.reason).", byteOffset: nil)
        }
        let ids = origin.sourceFileID.map { [plan.file.number: $0] } ?? [:]
        try await RejectionWriter(connection: connection, context: context).write(rejections, sourceIDs: ids)
        for rejection in rejections { context.observer.notice(rejection.sentence) }
    }
}

extension String {
    /// The string with its first letter in upper case.
    var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}
