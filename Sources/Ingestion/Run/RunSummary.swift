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
        summary.seriesStored += tally.series
        summary.slicesStored += tally.slices
        summary.masksStored += tally.masks
        summary.findings += tally.findings
        for (code, count) in tally.rejectedByCode {
            for _ in 0..<count { summary.reject(code) }
        }
    }

    func add(_ outcome: LabelLoader.Outcome) {
        switch outcome.source {
        case .labelSource: summary.labelSource += 1
        case .known: summary.known += 1
        case .rejected(let code): summary.reject(code)
        case .ignored(let reason): summary.ignore(reason)
        case .stored: summary.stored += 1
        }
        summary.labelsStored += outcome.labels
        summary.labelsUnresolved += outcome.unresolved
        summary.rejectedRows += outcome.rejectedRows
        summary.findings += outcome.findings
    }

    func change(_ body: (inout IngestSummary) -> Void) { body(&summary) }
}
