internal import Datasets
internal import SQLInterface
internal import Warehouse

/// What every step of a run needs to know.
struct RunContext: Sendable {
    let runID: Int64
    let settings: IngestSettings
    let cloak: PathCloak
    let failpoints: Failpoints
    let observer: any IngestObserver
    let clock: @Sendable () -> SQLTimestamp
    let version: String
    /// `nil` where identifiers are kept or no clinical file was met.
    let pseudonymizer: Pseudonymizer?
    /// The series whose masks the volume files of the run are.
    var assigned: AssignedSeries?

    /// What `ingest_run_id` is of rows that this run wrote and, after a failure, of those that a run left which did not
    /// come to its end. This one has not yet, so that it is among them.
    func ownRuns(afterFailure: Bool) -> SQL {
        afterFailure
            ? "IN (SELECT ingest_run_id FROM ingest_run WHERE status <> 'completed')" : "= \(runID)"
    }

    /// Natural key of a file: the root and the path as they are stored.
    func sourceKey(_ file: SourceFile, _ kind: PatientKeyKind) -> [SQLValue] {
        [.text(cloak.root(kind)), .text(cloak.path(file.relativePath, kind))]
    }
}
