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
        /// Labels that the rules do not understand.
        var quarantined = 0
        var rejectedRows = 0
        var findings = 0
        var outdatedDomains: [String] = []
    }

    func load(_ plan: LabelFilePlan, entry: RunPlan.PlannedEntry, path: String) async throws -> Outcome {
        let home = try await TableHome(connection: connection, settings: context.settings).answer(for: plan)
        let file = LabelFile(
            file: plan.file, dataset: plan.dataset, entry: entry, connection: connection, context: context,
            home: home)
        let vocabulary = try vocabularies.vocabulary(named: plan.vocabulary)
        return try await file.settle(path, rejected: { Outcome(source: $0) }) { bytes, sha256 in
            let table = try await LabelTable(
                bytes: bytes, layout: plan.layout, vocabulary: vocabulary,
                patientKey: try home.patientKey(for: plan, in: context), coreCount: context.settings.workers)
            do {
                return try await store(
                    table, plan: plan, file: file, sha256: sha256, vocabulary: vocabulary, allowsBulk: true)
            } catch let failure as any DatabaseFailure where failure.kind == .uniqueViolation {
                return try await store(
                    table, plan: plan, file: file, sha256: sha256, vocabulary: vocabulary, allowsBulk: false)
            }
        }
    }

    private func store(
        _ table: LabelTable, plan: LabelFilePlan, file: LabelFile, sha256: [UInt8], vocabulary: Vocabulary,
        allowsBulk: Bool
    ) async throws -> Outcome {
        try await transaction(isBulk: allowsBulk && isLarge(table)) {
            let (origin, rest) = try await file.begin(
                sourceName: plan.sourceName, kind: "csv", sha256: sha256, reader: plan.reader,
                assertions: table.assertions, replaysRows: context.settings.replayRejected)
            let columns = try await UnusedColumns(of: table, plan: plan, origin: origin, rest: rest, on: connection)
            if rest?.isEmpty == true {
                return Outcome(
                    source: .known, findings: try await columns.refresh(on: connection, context: context))
            }
            let domains = try await VocabularyRegistry(connection: connection, clock: context.clock).register(
                vocabulary, fileName: plan.vocabulary + ".yaml")
            context.failpoints.pass(.vocabularyWritten)
            var read = table
            var settled = read.settleRepetitions(late: rest?.rows ?? [])
            if settled.contradictions > 0 {
                settled.contradictions = read.assertions.contradictionCount(under: domains.mapValues(\.ruleset))
            }
            if let rest { read.keep(rest) }
            try await file.removeNotes(LabelTableNotes.checks, origin: origin)
            var outcome = try await write(
                Reading(
                    table: read, settled: settled, columns: columns, rest: rest, plan: plan, origin: origin,
                    domains: domains, allowsBulk: allowsBulk))
            outcome.findings += try await CorrectionTransfer(connection: connection, runID: context.runID).transfer(
                to: origin.sourceID)
            try await file.reject(read.rejectedRows, origin: origin)
            outcome.outdatedDomains = domains.filter(\.value.isOutdated).keys.sorted()
            if allowsBulk, isLarge(table), connection.engine == .sqlite {
                try await BulkParents(connection: connection).check(origin, domains: domains)
            }
            context.failpoints.pass(.labelsLoaded)
            return outcome
        }
    }

    private func isLarge(_ table: LabelTable) -> Bool { table.assertions.count >= BulkLabelWriter.threshold }

    private func transaction(isBulk: Bool, _ body: () async throws -> Outcome) async throws -> Outcome {
        guard isBulk, connection.engine == .sqlite else { return try await connection.transaction { try await body() } }
        return try await BulkParents(connection: connection).transactionWithoutRowChecks(body)
    }

    // MARK: Writing

    /// What of a table is written, and from where it comes.
    private struct Reading {
        let table: LabelTable
        let settled: (repeated: Int, contradictions: Int)
        let columns: UnusedColumns
        /// Of a table that is stored.
        let rest: LabelRest?
        let plan: LabelFilePlan
        let origin: LabelOrigin
        let domains: [String: RegisteredDomain]
        /// No id was found taken.
        let allowsBulk: Bool
    }

    private func write(_ reading: Reading) async throws -> Outcome {
        var subjects = LabelSubjects(datasetID: reading.origin.datasetID, on: connection)
        let labels = try await PlacedLabels(reading.table.assertions, within: reading.plan.subject, in: &subjects)
        let unresolved = UnresolvedWriter(
            connection: connection, domains: reading.domains, origin: reading.origin, reference: reading.plan.subject,
            coreCount: context.settings.workers, isPartOfSource: reading.rest != nil)
        var (found, missing) = (labels.foundPositions, labels.missingPositions)
        if let rows = reading.rest?.rows, !rows.isEmpty {
            found = try await unresolved.leavingOutWaiting(found, of: labels, inRows: rows)
            missing = try await unresolved.leavingOutWaiting(missing, of: labels, inRows: rows)
        }
        var outcome = Outcome(source: .labelSource)
        (outcome.labels, outcome.quarantined) = try await write(labels, at: found, reading)
        try await unresolved.write(labels, at: missing)
        try await ReadingWriter(connection: connection).write(labels.subjects, readerID: reading.origin.readerID)
        outcome.unresolved = missing.count
        outcome.rejectedRows = reading.table.rejectedRows.count
        outcome.findings = try await note(reading, missing: missing)
        return outcome
    }

    /// Returns how many labels were added, and how many of them the rules do not understand.
    private func write(
        _ labels: PlacedLabels, at found: [Int], _ reading: Reading
    ) async throws -> (added: Int, quarantined: Int) {
        if reading.allowsBulk, reading.rest == nil, found.count >= BulkLabelWriter.threshold {
            let quarantined = try await BulkLabelWriter(
                connection: connection, domains: reading.domains, origin: reading.origin,
                coreCount: context.settings.workers
            ).write(labels, at: found)
            return (found.count, quarantined)
        }
        let written = try await LabelWriter(connection: connection, domains: reading.domains).write(
            found.lazy.compactMap { labels.label(at: $0) }, from: reading.origin,
            leavingOutStored: reading.rest != nil)
        return (written.ids.count, written.quarantined)
    }

    private func note(_ reading: Reading, missing: [Int]) async throws -> Int {
        let notes = LabelTableNotes(
            table: reading.table, settled: reading.settled,
            waitingRows: try await waitingRows(of: reading, missing: missing), columns: reading.columns,
            plan: reading.plan)
        return try await FindingWriter(connection: connection, context: context).write(
            notes.findings(origin: reading.origin))
    }

    /// Rows that speak of absent images, those included that waited before the rest of a table was read.
    private func waitingRows(of reading: Reading, missing: [Int]) async throws -> Int {
        guard reading.rest != nil else {
            return Set(missing.lazy.map { reading.table.assertions.row(of: $0) }).count
        }
        let rows = try await connection.rows(
            """
            SELECT count(DISTINCT source_row) AS row_count FROM label_unresolved
            WHERE label_source_id = \(reading.origin.sourceID)
            """)
        return try rows[0].get("row_count")
    }
}

extension String {
    /// The string with its first letter in upper case.
    var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}
