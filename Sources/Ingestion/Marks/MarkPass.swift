internal import Datasets
internal import Warehouse

/// Reads the files of marks of the run's data sets, then gives waiting marks to series that have arrived.
struct MarkPass: Sendable {
    let warehouse: Warehouse
    let context: RunContext
    let plan: RunPlan
    let vocabularies: VocabularyLibrary

    /// - Parameter isAfterFailure: The last run died; waiting marks are looked at even if this one stored no slice.
    func run(_ plans: [MarkFilePlan], isAfterFailure: Bool, summary: RunSummary) async throws {
        for (index, file) in plans.enumerated() {
            try Task.checkCancellation()
            guard let entry = try await plan.newEntries(of: [file.file])[file.file.number] else { continue }
            let outcome = try await warehouse.withLoadConnection { connection in
                let loader = MarkLoader(connection: connection, context: context, vocabularies: vocabularies)
                return try await loader.load(file, entry: entry, path: plan.absolutePath(of: file.file))
            }
            context.failpoints.pass(.marksCommitted)
            summary.add(outcome)
            context.observer.progress(.labels, done: index + 1, total: plans.count)
        }
        guard isAfterFailure || summary.summary.slicesStored > 0 else { return }
        let written = try await warehouse.withLoadConnection { connection in
            try await WaitingMarks(connection: connection, context: context, vocabularies: vocabularies).resolve()
        }
        summary.change {
            $0.marksStored += written.marks
            $0.masksStored += written.masks
            $0.labelsStored += written.labels
            $0.labelsQuarantined += written.quarantined
            $0.findings += written.findings
        }
    }
}
