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
            let table = try LabelTable(
                bytes: bytes, layout: plan.layout, vocabulary: vocabulary,
                patientKey: try home.patientKey(for: plan, in: context))
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
            guard
                let (origin, rest) = try await file.begin(
                    sourceName: plan.sourceName, kind: "csv", sha256: sha256, reader: plan.reader,
                    assertions: table.assertions, replaysRows: context.settings.replayRejected)
            else { return Outcome(source: .known) }
            let domains = try await VocabularyRegistry(connection: connection, clock: context.clock).register(
                vocabulary, fileName: plan.vocabulary + ".yaml")
            context.failpoints.pass(.vocabularyWritten)
            var read = table
            let settled = read.settleRepetitions()
            if let rest { read.keep(rest) }
            try await file.removeNotes(LabelTableNotes.checks, origin: origin)
            var outcome = try await write(
                read, settled, isBulk: allowsBulk && rest == nil, isReplay: rest != nil, plan: plan, origin: origin,
                domains: domains)
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

    /// - Parameters:
    ///   - isBulk: nothing of the source is stored yet, and no id was found taken.
    ///   - isReplay: some of the labels may be stored already.
    private func write(
        _ table: LabelTable, _ settled: (repeated: Int, contradictions: Int), isBulk: Bool, isReplay: Bool,
        plan: LabelFilePlan, origin: LabelOrigin, domains: [String: RegisteredDomain]
    ) async throws -> Outcome {
        var subjects = LabelSubjects(datasetID: origin.datasetID, on: connection)
        let labels = try await PlacedLabels(table.assertions, within: plan.subject, in: &subjects)
        let (found, missing) = (labels.foundPositions, labels.missingPositions)
        var outcome = Outcome(source: .labelSource)
        if isBulk, found.count >= BulkLabelWriter.threshold {
            outcome.quarantined = try await BulkLabelWriter(
                connection: connection, domains: domains, origin: origin, coreCount: context.settings.workers
            ).write(labels, at: found)
        } else {
            outcome.quarantined = try await LabelWriter(connection: connection, domains: domains).write(
                found.lazy.compactMap { labels.label(at: $0) }, from: origin, leavingOutStored: isReplay
            ).quarantined
        }
        try await UnresolvedWriter(
            connection: connection, domains: domains, origin: origin, reference: plan.subject,
            coreCount: context.settings.workers, isPartOfSource: isReplay
        ).write(labels, at: missing)
        try await ReadingWriter(connection: connection).write(labels.subjects, readerID: origin.readerID)
        let waitingRows = Set(missing.lazy.map { table.assertions.row(of: $0) }).count
        let notes = LabelTableNotes(table: table, settled: settled, waitingRows: waitingRows, plan: plan)
        outcome.findings = try await FindingWriter(connection: connection, context: context).write(
            notes.findings(origin: origin))
        outcome.labels = found.count
        outcome.unresolved = missing.count
        outcome.rejectedRows = table.rejectedRows.count
        return outcome
    }
}

extension String {
    /// The string with its first letter in upper case.
    var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}
