internal import Datasets
internal import PixelCodec
internal import SQLInterface
internal import Warehouse

/// Pass 2: reads planned series on all cores and commits them batch by batch.
///
/// While one batch commits, the files of the next one are already being read, as far as the window allows.
struct SeriesPass: Sendable {
    let warehouse: Warehouse
    let context: RunContext
    let plan: RunPlan

    /// Enough to keep the cores busy while a transaction goes to disk.
    private var window: BatchPipeline.Window {
        BatchPipeline.Window(
            leastCount: context.settings.workers * 6, countLimit: context.settings.windowCountLimit,
            byteLimit: context.settings.windowByteLimit)
    }

    func run(
        adapted: [SeriesPlan], folders: [String: DatasetIdentity], total: Int, summary: RunSummary
    ) async throws {
        let preparer = FilePreparer(
            cloak: context.cloak, keepIdentifiers: context.settings.keepIdentifiers,
            frames: FrameEncoder(codec: BloscCodec()), assigned: context.assigned)
        let pool = ReaderPool(workers: context.settings.workers)
        let pipeline = BatchPipeline(window: window, pool: pool) { preparer.prepare($0) }
        let batches = SeriesBatches(
            plan: plan, sliceLimit: context.settings.batchSliceLimit,
            byteLimit: context.settings.batchByteLimit(on: warehouse.engine))
        try await pipeline.run(
            produce: { send in try await batches.forEach(adapted: adapted, folders: folders, send) },
            consume: { batch, files in
                try await commit(batch, files: files, total: total, summary: summary, preparer: preparer)
            })
    }

    /// Writes a batch; one that the database refuses is written series by series, so that only those go to quarantine
    /// that it refuses.
    private func commit(
        _ batch: SeriesBatches.Batch, files: PreparedFiles, total: Int, summary: RunSummary, preparer: FilePreparer
    ) async throws {
        do {
            try await store(batch, files: files, total: total, summary: summary, preparer: preparer)
        } catch let failure as any DatabaseFailure where failure.kind.isRefusal {
            try await files.discard()
            for part in batch.series {
                do {
                    try await store(part, files: nil, total: total, summary: summary, preparer: preparer)
                } catch let failure as any DatabaseFailure where failure.kind.isRefusal {
                    try await quarantine(part, after: failure, summary: summary)
                }
            }
        }
    }

    /// Writes a batch; after a conflict with another run or a lost connection the batch is read and written again.
    ///
    /// - Parameter files: the batch's files as they come from the readers; `nil` reads them here.
    private func store(
        _ batch: SeriesBatches.Batch, files: PreparedFiles?, total: Int, summary: RunSummary, preparer: FilePreparer
    ) async throws {
        var attempt = 0
        while true {
            do {
                let settled = summary.settledFileCount
                let tally = try await warehouse.withLoadConnection { connection in
                    try await write(batch, on: connection) { index in
                        context.observer.progress(.series, done: settled + index, total: total)
                        guard attempt == 0, let files else { return preparer.prepare(batch.reads[index]) }
                        return try await files.next()
                    }
                }
                summary.add(tally, files: batch.fileCount, bytes: batch.byteCount)
                context.observer.progress(.series, done: summary.settledFileCount, total: total)
                return
            } catch let failure as any DatabaseFailure where failure.kind.isRetryable && attempt < 3 {
                if attempt == 0 { try await files?.discard() }
                attempt += 1
                context.observer.notice("\(failure); the batch is written again (attempt \(attempt + 1) of 4).")
                try await Task.sleep(for: .milliseconds(200 << attempt))
            }
        }
    }

    /// The files of a series that the database refuses, however good they look to us.
    private func quarantine(
        _ batch: SeriesBatches.Batch, after failure: any DatabaseFailure, summary: RunSummary
    ) async throws {
        let files = batch.reads.flatMap { read in
            [read.entry, read.data].compactMap(\.self).map { (entry: $0, dataset: read.dataset) }
        }
        let rejections = files.map { entry, dataset in
            let label = context.cloak.label(entry.file, dataset.patientKeyKind).capitalizedFirst
            return Rejection(
                fileNumber: entry.file.number, row: nil, stage: .commit, code: RejectionCode.refusedByDatabase,
                sentence: "\(label) was not stored: the database refused its series (\(failure.kind.rawValue)); "
                    + "please report this with the file's header.",
                byteOffset: nil)
        }
        let rows = files.map { entry, dataset in
            SourceRow(
                file: entry.file, status: entry.status, kind: dataset.patientKeyKind, datasetID: nil,
                sha256: nil, outcome: .rejected(code: RejectionCode.refusedByDatabase))
        }
        try await warehouse.withLoadConnection { connection in
            try await connection.transaction {
                let ids = try await SourceWriter(connection: connection, context: context).write(rows)
                try await RejectionWriter(connection: connection, context: context).write(rejections, sourceIDs: ids)
            }
        }
        var tally = BatchTally()
        for rejection in rejections {
            tally.reject(rejection.code)
            context.observer.notice(rejection.sentence)
        }
        summary.add(tally, files: batch.fileCount, bytes: batch.byteCount)
    }

    private func write(
        _ batch: SeriesBatches.Batch, on connection: any WarehouseConnection,
        next: (Int) async throws -> PreparedFile?
    ) async throws -> BatchTally {
        do {
            var writer = try await BatchWriter(batch.plans, on: connection, context: context, plan: plan)
            for (index, read) in batch.reads.enumerated() {
                guard let file = try await next(index) else { throw CancellationError() }
                try Task.checkCancellation()
                report(file)
                try await writer.add(file, of: read)
            }
            try await writer.finish()
            return writer.tally
        } catch {
            try? await connection.rollback()
            throw error
        }
    }

    private func report(_ file: PreparedFile) {
        if case .rejected(let rejection) = file.outcome { context.observer.notice(rejection.sentence) }
        if let refusal = file.refusalInPart { context.observer.notice(refusal.sentence) }
    }
}

extension SeriesBatches.Batch {
    var byteCount: Int64 { reads.reduce(0) { $0 + $1.byteCount } }
    var fileCount: Int { reads.reduce(0) { $0 + $1.fileCount } }

    /// The batch as one batch for each of its series.
    var series: [SeriesBatches.Batch] {
        plans.enumerated().map { index, plan in
            SeriesBatches.Batch(
                plans: [plan], reads: reads.filter { $0.series == index }.map { $0.inSeries(0) })
        }
    }
}

extension DatabaseFailureKind {
    /// The database understood the statement and refuses its rows: trying again changes nothing, other rows may pass.
    var isRefusal: Bool {
        switch self {
        case .uniqueViolation, .foreignKeyViolation, .checkViolation, .notNullViolation, .invalidData: true
        default: false
        }
    }
}
