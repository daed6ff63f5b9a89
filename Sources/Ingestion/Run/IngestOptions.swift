internal import Warehouse

/// What the user asked for, as typed; ``resolve()`` turns it into settings without gaps.
package struct IngestOptions: Sendable {
    package var paths: [String]
    package var datasetName: String?
    package var adapterName: String?
    package var workers: Int?
    package var batchSlices: Int?
    package var dryRun = false
    package var rehash = false
    package var replayRejected = false
    package var keepIdentifiers = false
    /// Volume files are masks of this stored series.
    package var masks: MaskAssignment?
    /// Series that were derived inside the warehouse, by Series Instance UID.
    package var derivations: [String: Derivation] = [:]

    package init(paths: [String]) {
        self.paths = paths
    }

    /// **Throws** `badOption`, naming the option.
    package func resolve(coreCount: Int) throws -> IngestSettings {
        guard !paths.isEmpty else { throw bad("PATH", "name at least one folder or file") }
        if let workers, !(1...256).contains(workers) { throw bad("--workers", "it must lie between 1 and 256") }
        if let batchSlices, !(1...1_000_000).contains(batchSlices) {
            throw bad("--batch-slices", "it must lie between 1 and 1000000")
        }
        if let datasetName, datasetName.isEmpty || datasetName.utf8.count > 200 {
            throw bad("--dataset", "a name has 1 to 200 bytes")
        }
        return IngestSettings(
            datasetName: datasetName, adapterName: adapterName, workers: workers ?? max(1, coreCount),
            // A file that was stored as an image before may be a mask all the same.
            rehash: rehash || masks != nil, replayRejected: replayRejected, keepIdentifiers: keepIdentifiers,
            derivations: derivations, masks: masks, batchSliceLimit: batchSlices ?? 2_000)
    }

    private func bad(_ option: String, _ reason: String) -> IngestionError {
        IngestionError(code: .badOption, subject: option, reason: reason)
    }
}

/// The settings of a run: stored with it as JSON, printed with `--json`.
package struct IngestSettings: Sendable {
    package let datasetName: String?
    package let adapterName: String?
    package let workers: Int
    package let rehash: Bool
    package let replayRejected: Bool
    package let keepIdentifiers: Bool
    let derivations: [String: Derivation]
    let masks: MaskAssignment?

    /// Slices of one transaction, unless a single series has more.
    let batchSliceLimit: Int
    /// Encoded bytes handed to the database at once.
    let loadByteLimit = 8 << 20
    /// Files that are being read or wait for the writer, and their source bytes.
    let windowCountLimit = 256
    let windowByteLimit: Int64 = 128 << 20
    /// Bytes read from a file to find its header; more only where they are not enough.
    let headByteCount = 32 << 10

    /// Source bytes of one transaction, unless a single series has more.
    ///
    /// SQLite writes a commit to its log and then into the file. A log that stays small is overwritten in place; one
    /// that grows needs new blocks each time, and the same bytes took three times as long.
    func batchByteLimit(on engine: WarehouseEngine) -> Int64 {
        switch engine {
        case .sqlite: 64 << 20
        case .postgresql: 256 << 20
        }
    }
}
