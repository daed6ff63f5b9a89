internal import Crypto
internal import Datasets
internal import Foundation
package import SQLInterface
package import Warehouse

/// Reads folders into a warehouse: plan, read, clean, encode, commit.
///
/// Files that cannot be used go to quarantine and stop nothing. Each series is committed whole with the rows that say
/// where it came from, so a run may be killed at any time and repeated.
package struct Ingest: Sendable {
    private let warehouse: Warehouse
    private let environment: [String: String]
    private let observer: any IngestObserver
    private let version: String
    private let clock: @Sendable () -> SQLTimestamp

    /// - Parameters:
    ///   - environment: `SLICEHOUSE_PSEUDONYM_KEY`, `SLICEHOUSE_FAILPOINT`, `HOME`.
    ///   - version: of the program; stored with the run and with each rejection.
    package init(
        into warehouse: Warehouse, environment: [String: String], observer: any IngestObserver, version: String,
        clock: @escaping @Sendable () -> SQLTimestamp
    ) {
        self.warehouse = warehouse
        self.environment = environment
        self.observer = observer
        self.version = version
        self.clock = clock
    }

    /// What a path names: a folder, a file, or a file that is gone and of which a rejection stands.
    ///
    /// **Throws** `notFound`.
    package static func target(
        of path: String, in warehouse: Warehouse, settings: IngestSettings, environment: [String: String]
    ) async throws -> IngestTarget {
        do {
            return try IngestTarget(path: path)
        } catch let error as IngestionError where error.code == .notFound {
            guard let gone = IngestTarget(goneFile: path) else { throw error }
            let pseudonymizer = try PseudonymKeyFile(environment: environment).pseudonymizer(for: settings)
            let rejections = try await warehouse.withConnection { connection in
                try await FileRejections(connection: connection, pseudonymizer: pseudonymizer).items(
                    ofFile: gone.path)
            }
            guard rejections.contains(where: \.isOpen) else { throw error }
            return gone
        }
    }

    /// Ingests one folder or file. Of a file that is gone the rejections are closed.
    ///
    /// **Throws** ``IngestionError`` where the run cannot begin; failures of the database. A cancelled task ends the
    /// run as `interrupted` and throws `CancellationError`; what was committed stays.
    package func run(_ path: String, settings: IngestSettings) async throws -> IngestSummary {
        let start = ContinuousClock.now
        let target = try await Self.target(of: path, in: warehouse, settings: settings, environment: environment)
        let keys = PseudonymKeyFile(environment: environment)
        let pseudonymizer = try keys.pseudonymizer(for: settings)
        let assigned = try await assignedSeries(settings)
        let declarations = try await Declarations(
            for: settings, home: warehouse.sqlLibrary.home, of: warehouse)
        let plan = try await RunPlan(root: target.root)
        let ledger = RunLedger(warehouse: warehouse, clock: clock, version: version)
        let place = hexadecimal(SHA256.hash(data: Array(target.root.utf8)).prefix(8))
        let begun = try await ledger.begin(settings, place: place)
        let runID = begun.runID
        let summary = RunSummary()
        do {
            let context = RunContext(
                runID: runID, settings: settings,
                cloak: PathCloak(root: target.root, pseudonymizer: pseudonymizer),
                failpoints: Failpoints(environment: environment), observer: observer, clock: clock, version: version,
                pseudonymizer: pseudonymizer, assigned: assigned)
            context.failpoints.pass(.runStarted)
            try await IngestSteps(
                warehouse: warehouse, context: context, plan: plan, target: target, keys: keys,
                declarations: declarations, isAfterFailure: begun.isAfterFailure, summary: summary
            ).run()
            await plan.remove()
        } catch {
            await plan.remove()
            let status = error is CancellationError || Task.isCancelled ? "interrupted" : "failed"
            await endQuietly(ledger, runID, status: status, summary: summary.summary)
            throw error
        }
        summary.change {
            $0.runID = runID
            $0.seconds = (ContinuousClock.now - start) / .seconds(1)
        }
        try await ledger.end(runID, status: "completed", summary: summary.summary)
        return summary.summary
    }

    private func assignedSeries(_ settings: IngestSettings) async throws -> AssignedSeries? {
        guard let masks = settings.masks else { return nil }
        return try await warehouse.withConnection { try await AssignedSeries(masks, on: $0) }
    }

    /// Notes the end of a run that failed, if the database still answers; the failure itself is what the user hears.
    private func endQuietly(_ ledger: RunLedger, _ runID: Int64, status: String, summary: IngestSummary) async {
        // A cancelled task's statements are refused, and this one must still run.
        await Task { try? await ledger.end(runID, status: status, summary: summary) }.value
    }
}

/// The folder to walk, and the one file in it where the user named a file.
package struct IngestTarget: Sendable {
    let root: String
    let only: String?

    /// **Throws** `notFound`.
    package init(path: String) throws {
        let url = URL(fileURLWithPath: path).standardizedFileURL.resolvingSymlinksInPath()
        var isFolder: ObjCBool = false
        guard unsafe FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder) else {
            throw IngestionError(
                code: .notFound, subject: path, reason: "there is no such folder or file; check the path")
        }
        root = isFolder.boolValue ? url.path : url.deletingLastPathComponent().path
        only = isFolder.boolValue ? nil : url.lastPathComponent
    }

    /// A file that is not there; `nil` where something of this name is.
    init?(goneFile path: String) {
        let url = URL(fileURLWithPath: path).standardizedFileURL
        root = url.deletingLastPathComponent().resolvingSymlinksInPath().path
        only = url.lastPathComponent
        guard DirectoryWalker.entry(named: url.lastPathComponent, in: root) == nil else { return nil }
    }

    /// The absolute path of what is named.
    var path: String { only.map { root + "/" + $0 } ?? root }
}
