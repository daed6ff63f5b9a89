internal import Crypto
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
    /// What is known of the data set, which a file makes that comes before the first image.
    var home = TableHome.Answer.published

    private var name: String { context.cloak.label(file, dataset.patientKeyKind).capitalizedFirst }

    /// Hands over the content and its SHA-256; a file that cannot be read, understood or stored goes into quarantine.
    func settle<Outcome>(
        _ path: String, rejected: (SourceOutcome) -> Outcome,
        _ store: (_ bytes: [UInt8], _ sha256: [UInt8]) async throws -> Outcome
    ) async throws -> Outcome {
        let bytes: [UInt8]
        do {
            bytes = try FileBytes.read(path)
        } catch {
            return rejected(try await reject(sha256: nil, code: error.code, reason: error.reason))
        }
        let sha256 = Array(SHA256.hash(data: bytes))
        do {
            return try await store(bytes, sha256)
        } catch let error as LabelTableError {
            return rejected(try await reject(sha256: sha256, code: error.code, reason: error.sentence))
        } catch let failure as any DatabaseFailure where failure.kind.isRefusal {
            // However good it looks to us.
            return rejected(
                try await reject(
                    sha256: sha256, code: RejectionCode.refusedByDatabase,
                    reason: "the database refused what it says (\(failure.kind.rawValue)); please report this."))
        }
    }

    // MARK: Rejection

    /// Puts the whole file into quarantine, in a transaction of its own.
    private func reject(sha256: [UInt8]?, code: String, reason: String) async throws -> SourceOutcome {
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
                sentence: "\(name), line \(row.line): \(row.reason).", byteOffset: nil)
        }
        let ids = origin.sourceFileID.map { [file.number: $0] } ?? [:]
        try await RejectionWriter(connection: connection, context: context).write(rejections, sourceIDs: ids)
        for rejection in rejections { context.observer.notice(rejection.sentence) }
    }

    // MARK: Acceptance

    /// Writes the file and, where its content is new, the source that it is.
    ///
    /// - Parameters:
    ///   - assertions: what a table of labels says, as its vocabulary and source read it now.
    ///   - replaysRows: rows that stand rejected of a source that is known are read again.
    /// - Returns: the origin, and of a known source what is to be read of it, which may be nothing.
    func begin(
        sourceName: String, kind: String, sha256: [UInt8], reader: LabelReader? = nil,
        assertions: LabelAssertions? = nil, replaysRows: Bool = false
    ) async throws -> (origin: LabelOrigin, rest: LabelRest?) {
        let resolver = KeyResolver(connection: connection)
        let datasetID = try await resolver.resolve([.text(dataset.name), .text(dataset.version)], in: .dataset)
        let sourceID = try await resolver.resolve(
            [.integer(datasetID), .text(sourceName), .blob(sha256)], in: .labelSource)
        try await connection.claimWaiting(key: sourceID)
        let rest = try await rest(
            of: sourceID, sha256: sha256, assertions: assertions, replaysRows: replaysRows)
        let row = SourceRow(
            file: file, status: entry.status, kind: dataset.patientKeyKind, datasetID: datasetID, sha256: sha256,
            outcome: rest?.isEmpty == true ? .known : .labelSource)
        let sourceFileID = try await SourceWriter(connection: connection, context: context).write([row])[file.number]
        if rest == nil {
            try await addDataset(id: datasetID)
            try await addSource(sourceID, sourceName, kind, sha256, datasetID: datasetID, sourceFileID: sourceFileID)
        }
        try await SourceForce(connection: connection).refresh(sourceName, datasetID: datasetID)
        if rest != nil {
            _ = try await CorrectionTransfer(connection: connection, runID: context.runID).transfer(to: sourceID)
        }
        var readerID: Int64 = 0
        if let reader {
            readerID = try await ReaderRegistry(connection: connection).id(of: reader, datasetID: datasetID)
        }
        let origin = LabelOrigin(
            datasetID: datasetID, sourceID: sourceID, readerID: readerID, sourceFileID: sourceFileID,
            runID: context.runID)
        return (origin, rest)
    }

    /// `nil` of a source that is new.
    private func rest(
        of sourceID: Int64, sha256: [UInt8], assertions: LabelAssertions?, replaysRows: Bool
    ) async throws -> LabelRest? {
        let known = try await connection.rows("SELECT 1 FROM label_source WHERE label_source_id = \(sourceID)")
        guard !known.isEmpty else { return nil }
        let place = context.sourceKey(file, dataset.patientKeyKind)
        let sourceFileID = try await KeyResolver(connection: connection).resolve(place, in: .sourceFile)
        return try await StoredTable(
            connection: connection, sourceID: sourceID, sha256: sha256, sourceFileID: sourceFileID
        ).rest(assertions, replaysRows: replaysRows)
    }

    /// What was odd about an earlier version of the file no longer is.
    func removeNotes(_ checks: [String], origin: LabelOrigin) async throws {
        guard let sourceFileID = origin.sourceFileID, !checks.isEmpty else { return }
        try await connection.execute(
            """
            DELETE FROM quality_finding WHERE source_file_id = \(sourceFileID) AND check_name IN \(list: checks)
            """)
    }

    /// A table of labels may come before the first image of its data set.
    private func addDataset(id: Int64) async throws {
        let writer = DatasetWriter(connection: connection, clock: context.clock)
        if case .clinical(let folder) = home { return try await writer.settle(folder, id: id) }
        try await writer.add(home.dataset(as: dataset), id: id)
    }

    private func addSource(
        _ id: Int64, _ sourceName: String, _ kind: String, _ sha256: [UInt8], datasetID: Int64, sourceFileID: Int64?
    ) async throws {
        try await connection.execute(
            """
            INSERT INTO label_source (label_source_id, dataset_id, name, source_file_id, kind, sha256, is_active)
            VALUES (\(id), \(datasetID), \(sourceName), \(sourceFileID), \(kind), \(sha256), \(true))
            """)
    }
}
