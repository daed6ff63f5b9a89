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
        let file = LabelFile(
            file: plan.file, dataset: plan.dataset, entry: entry, connection: connection, context: context)
        let vocabulary = try vocabularies.vocabulary(named: plan.vocabulary)
        return try await file.settle(path, rejected: { Outcome(source: $0) }) { bytes, sha256 in
            let table = try LabelTable(bytes: bytes, layout: plan.layout, vocabulary: vocabulary)
            return try await store(table, plan: plan, file: file, sha256: sha256, vocabulary: vocabulary)
        }
    }

    private func store(
        _ table: LabelTable, plan: LabelFilePlan, file: LabelFile, sha256: [UInt8], vocabulary: Vocabulary
    ) async throws -> Outcome {
        try await connection.transaction {
            guard
                let (origin, replayed) = try await file.begin(
                    sourceName: plan.sourceName, kind: "csv", sha256: sha256, reader: plan.reader,
                    replaysRows: context.settings.replayRejected)
            else { return Outcome(source: .known) }
            let domains = try await VocabularyRegistry(connection: connection, clock: context.clock).register(
                vocabulary, fileName: plan.vocabulary + ".yaml")
            context.failpoints.pass(.vocabularyWritten)
            let read = replayed.map(table.rows) ?? table
            try await file.removeNotes(LabelTableNotes.checks, origin: origin)
            var outcome = try await write(
                read, isReplay: replayed != nil, plan: plan, origin: origin, domains: domains)
            try await file.reject(read.rejectedRows, origin: origin)
            outcome.outdatedDomains = domains.filter(\.value.isOutdated).keys.sorted()
            context.failpoints.pass(.labelsLoaded)
            return outcome
        }
    }

    /// - Parameter isReplay: some of the labels may be stored already.
    private func write(
        _ table: LabelTable, isReplay: Bool, plan: LabelFilePlan, origin: LabelOrigin,
        domains: [String: RegisteredDomain]
    ) async throws -> Outcome {
        var outcome = Outcome(source: .labelSource)
        var subjects = LabelSubjects(datasetID: origin.datasetID, on: connection)
        var occurrences = OccurrenceCounter()
        var found: [ResolvedLabel] = []
        var missing: [UnresolvedLabel] = []
        for assertion in table.assertions {
            guard let occurrence = occurrences.occurrence(of: assertion) else { continue }
            let key = assertion.key.within(plan.subject)
            switch try await subjects.subject(of: key) {
            case .found(let subject):
                found.append(ResolvedLabel(assertion: assertion, subject: subject, occurrence: occurrence))
            case .missing(let reason):
                missing.append(
                    UnresolvedLabel(assertion: assertion, key: key, occurrence: occurrence, reason: reason))
            }
        }
        try await LabelWriter(connection: connection, domains: domains).write(
            found, from: origin, leavingOutStored: isReplay)
        try await UnresolvedWriter(connection: connection, domains: domains).write(missing, from: origin)
        try await ReadingWriter(connection: connection).write(found.map(\.subject), readerID: origin.readerID)
        let notes = LabelTableNotes(table: table, occurrences: occurrences, unresolved: missing, plan: plan)
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
