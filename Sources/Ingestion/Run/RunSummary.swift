/// The counts of a run while it goes on.
final class RunSummary {
    private(set) var summary = IngestSummary()

    /// Files of the series pass that have their outcome.
    private(set) var settledFileCount = 0

    func add(_ tally: BatchTally, files: Int, bytes: Int64) {
        settledFileCount += files
        summary.sourceBytes += bytes
        summary.stored += tally.stored
        summary.known += tally.known
        summary.incomplete += tally.incomplete
        summary.seriesStored += tally.series
        summary.slicesStored += tally.slices
        summary.slicesMended += tally.slicesMended
        summary.masksStored += tally.masks
        summary.findings += tally.findings
        for (code, count) in tally.rejectedByCode {
            for _ in 0..<count { summary.reject(code) }
        }
        for (reason, count) in tally.ignoredByReason {
            for _ in 0..<count { summary.ignore(reason) }
        }
    }

    func add(_ outcome: LabelLoader.Outcome) {
        settle(outcome.source)
        summary.labelsStored += outcome.labels
        summary.labelsUnresolved += outcome.unresolved
        summary.labelsQuarantined += outcome.quarantined
        summary.rejectedRows += outcome.rejectedRows
        summary.findings += outcome.findings
    }

    func add(_ outcome: MarkLoader.Outcome) {
        settle(outcome.source)
        summary.marksStored += outcome.marks
        summary.marksUnresolved += outcome.waiting
        summary.labelsStored += outcome.labels
        summary.labelsQuarantined += outcome.quarantined
        summary.masksStored += outcome.masks
        summary.rejectedRows += outcome.rejectedRows
        summary.findings += outcome.findings
    }

    private func settle(_ outcome: SourceOutcome) {
        switch outcome {
        case .labelSource: summary.labelSource += 1
        case .known: summary.known += 1
        case .rejected(let code): summary.reject(code)
        case .ignored(let reason): summary.ignore(reason)
        case .stored: summary.stored += 1
        }
    }

    func change(_ body: (inout IngestSummary) -> Void) { body(&summary) }
}
