/// Hears how a run goes. Messages never carry row values, and paths only of data sets whose names are public.
package protocol IngestObserver: Sendable {
    /// `done` of `total` steps of a phase; `total` is `nil` while it is not known.
    func progress(_ phase: IngestPhase, done: Int, total: Int?)
    /// One sentence about a file, a row or a decision.
    func notice(_ sentence: String)
}

/// The phases of a run, in their order.
package enum IngestPhase: String, Sendable, CaseIterable {
    case scan, headers, series, labels, checks

    /// What is counted in the phase.
    package var unit: String {
        switch self {
        case .scan, .headers, .series: "files"
        case .labels: "tables"
        case .checks: "checks"
        }
    }
}
