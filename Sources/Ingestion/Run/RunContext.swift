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

    /// Natural key of a file: the root and the path as they are stored.
    func sourceKey(_ file: SourceFile, _ kind: PatientKeyKind) -> [SQLValue] {
        [.text(cloak.root(kind)), .text(cloak.path(file.relativePath, kind))]
    }
}
