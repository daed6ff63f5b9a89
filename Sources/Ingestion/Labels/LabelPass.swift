internal import Datasets
internal import SQLInterface
internal import Warehouse

/// Reads the label tables of the run's data sets, then gives waiting labels to images that have arrived.
struct LabelPass: Sendable {
    let warehouse: Warehouse
    let context: RunContext
    let plan: RunPlan
    let vocabularies: VocabularyLibrary

    /// - Parameter isAfterFailure: The last run died; headers of all series are looked at, not only those of this run.
    func run(_ plans: [LabelFilePlan], isAfterFailure: Bool, summary: RunSummary) async throws {
        var outdated: Set<String> = []
        for (index, file) in plans.enumerated() {
            try Task.checkCancellation()
            guard let entry = try await plan.newEntries(of: [file.file])[file.file.number] else { continue }
            let outcome = try await warehouse.withLoadConnection { connection in
                let loader = LabelLoader(connection: connection, context: context, vocabularies: vocabularies)
                return try await loader.load(file, entry: entry, path: plan.absolutePath(of: file.file))
            }
            context.failpoints.pass(.labelsCommitted)
            summary.add(outcome)
            outdated.formUnion(outcome.outdatedDomains)
            context.observer.progress(.labels, done: index + 1, total: plans.count)
        }
        try await readHeaders(ofAll: isAfterFailure, summary: summary)
        if try await mayHaveArrived(isAfterFailure: isAfterFailure, summary) { try await resolveWaiting(summary) }
        if !outdated.isEmpty {
            context.observer.notice(
                "The vocabulary has other rules than the warehouse for \(outdated.sorted().joined(separator: ", ")); "
                    + "labels were cleaned by the warehouse's; see slicehouse domains clean --preview.")
        }
    }

    private func readHeaders(ofAll: Bool, summary: RunSummary) async throws {
        guard ofAll || summary.summary.slicesStored > 0 || summary.summary.seriesStored > 0 else { return }
        for name in vocabularies.names() {
            let vocabulary = try vocabularies.vocabulary(named: name)
            let changes = try await warehouse.withLoadConnection { connection in
                try await HeaderLabels(connection: connection, clock: context.clock).refresh(
                    vocabulary, fileName: name + ".yaml", runID: ofAll ? nil : context.runID)
            }
            summary.change { $0.labelsStored += changes.addedCount }
        }
    }

    /// Labels can have found their image only where one was stored: by this run, by one that died, or, while this one
    /// read its tables, by another.
    private func mayHaveArrived(isAfterFailure: Bool, _ summary: RunSummary) async throws -> Bool {
        let stored = summary.summary
        if isAfterFailure || stored.slicesStored > 0 || stored.seriesStored > 0 { return true }
        guard stored.labelsUnresolved > 0 else { return false }
        return try await warehouse.withConnection { connection in
            try await !connection.rows(
                """
                SELECT 1 FROM ingest_run WHERE ingest_run_id <> \(context.runID)
                AND (status = 'running' OR finished_at >= (
                    SELECT started_at FROM ingest_run WHERE ingest_run_id = \(context.runID))) LIMIT 1
                """
            ).isEmpty
        }
    }

    private func resolveWaiting(_ summary: RunSummary) async throws {
        let arrived = try await warehouse.withLoadConnection { connection in
            try await WaitingLabels(connection: connection, context: context).resolve()
        }
        summary.change {
            $0.labelsStored += arrived.count
            $0.labelsQuarantined += arrived.quarantined
        }
    }
}
