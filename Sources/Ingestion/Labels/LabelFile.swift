internal import Datasets
internal import SQLInterface
internal import Warehouse

/// A file of labels or marks on its way in: its rows in `source_file`, `label_source` and quarantine.
struct LabelFile: Sendable {
    let file: SourceFile
    let dataset: DatasetIdentity
    let entry: RunPlan.PlannedEntry
    let connection: any WarehouseConnection
    let context: RunContext

    private var name: String { context.cloak.label(file, dataset.patientKeyKind).capitalizedFirst }

    // MARK: Rejection

    /// Puts the whole file into quarantine, in a transaction of its own.
    func reject(sha256: [UInt8]?, code: String, reason: String) async throws -> SourceOutcome {
        let sentence = "\(name): \(reason)"
        let row = SourceRow(
            file: file, status: entry.status, kind: dataset.patientKeyKind, datasetID: nil, sha256: sha256,
            outcome: .rejected(code: code))
        let rejection = Rejection(
            fileNumber: file.number, row: nil, stage: .label, code: code, sentence: sentence, byteOffset: nil)
        try await connection.transaction {
            let ids = try await SourceWriter(connection: connection, context: context).write([row])
            try await RejectionWriter(connection: connection, context: context).write([rejection], sourceIDs: ids)
        }
        context.observer.notice(sentence)
        return .rejected(code: code)
    }

    /// Puts single rows of the file into quarantine.
    func reject(_ rows: [RejectedRow], origin: LabelOrigin) async throws {
        let rejections = rows.map { row in
            Rejection(
                fileNumber: file.number, row: row.row, stage: .label, code: row.code,
                sentence: "\(name), row \(row.row): \(row.reason).", byteOffset: nil)
        }
        let ids = origin.sourceFileID.map { [file.number: $0] } ?? [:]
        try await RejectionWriter(connection: connection, context: context).write(rejections, sourceIDs: ids)
        for rejection in rejections { context.observer.notice(rejection.sentence) }
    }

    // MARK: Acceptance

    /// Writes the file and, where its content is new, the source that it is; `nil` where it is known.
    ///
    /// A corrected file takes the place of the one it corrects; what both say is kept.
    func begin(
        sourceName: String, kind: String, sha256: [UInt8], reader: LabelReader? = nil
    ) async throws -> LabelOrigin? {
        let resolver = KeyResolver(connection: connection)
        let datasetID = try await resolver.resolve([.text(dataset.name), .text(dataset.version)], in: .dataset)
        let sourceID = try await resolver.resolve(
            [.integer(datasetID), .text(sourceName), .blob(sha256)], in: .labelSource)
        try await connection.claimWaiting(key: sourceID)
        let isKnown = try await !connection.rows(
            "SELECT 1 FROM label_source WHERE label_source_id = \(sourceID)"
        ).isEmpty
        let row = SourceRow(
            file: file, status: entry.status, kind: dataset.patientKeyKind, datasetID: datasetID, sha256: sha256,
            outcome: isKnown ? .known : .labelSource)
        let sourceFileID = try await SourceWriter(connection: connection, context: context).write([row])[file.number]
        guard !isKnown else { return nil }
        try await addDataset(id: datasetID)
        try await addSource(sourceID, sourceName, kind, sha256, datasetID: datasetID, sourceFileID: sourceFileID)
        var readerID: Int64 = 0
        if let reader {
            readerID = try await ReaderRegistry(connection: connection).id(of: reader, datasetID: datasetID)
        }
        return LabelOrigin(
            datasetID: datasetID, sourceID: sourceID, readerID: readerID, sourceFileID: sourceFileID,
            runID: context.runID)
    }

    /// A table of labels may come before the first image of its data set.
    private func addDataset(id: Int64) async throws {
        try await connection.execute(
            """
            INSERT INTO dataset (dataset_id, name, version, adapter, patient_key_kind, created_at)
            VALUES (\(id), \(dataset.name), \(dataset.version), \(dataset.adapter),
                \(dataset.patientKeyKind.rawValue), \(context.clock())) ON CONFLICT DO NOTHING
            """)
    }

    private func addSource(
        _ id: Int64, _ sourceName: String, _ kind: String, _ sha256: [UInt8], datasetID: Int64, sourceFileID: Int64?
    ) async throws {
        try await connection.execute(
            """
            UPDATE label_source SET is_active = \(false) WHERE dataset_id = \(datasetID) AND name = \(sourceName)
            """)
        try await connection.execute(
            """
            INSERT INTO label_source (label_source_id, dataset_id, name, source_file_id, kind, sha256, is_active)
            VALUES (\(id), \(datasetID), \(sourceName), \(sourceFileID), \(kind), \(sha256), \(true))
            """)
    }
}
