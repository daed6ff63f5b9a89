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
            frames: FrameEncoder(codec: BloscCodec()))
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

    /// Writes a batch; after a conflict with another run or a lost connection the batch is read and written again.
    private func commit(
        _ batch: SeriesBatches.Batch, files: PreparedFiles, total: Int, summary: RunSummary, preparer: FilePreparer
    ) async throws {
        var attempt = 0
        while true {
            do {
                let settled = summary.settledFileCount
                let tally = try await warehouse.withLoadConnection { connection in
                    try await write(batch, on: connection) { index in
                        context.observer.progress(.series, done: settled + index, total: total)
                        return attempt == 0 ? try await files.next() : preparer.prepare(batch.reads[index])
                    }
                }
                summary.add(tally, files: batch.fileCount, bytes: batch.byteCount)
                context.observer.progress(.series, done: summary.settledFileCount, total: total)
                return
            } catch let failure as any DatabaseFailure where failure.kind.isRetryable && attempt < 3 {
                if attempt == 0 { try await files.discard() }
                attempt += 1
                context.observer.notice("\(failure); the batch is written again (attempt \(attempt + 1) of 4).")
                try await Task.sleep(for: .milliseconds(200 << attempt))
            }
        }
    }

    private func write(
        _ batch: SeriesBatches.Batch, on connection: any WarehouseConnection,
        next: (Int) async throws -> PreparedFile?
    ) async throws -> BatchTally {
        do {
            var writer = try await BatchWriter(batch.plans, on: connection, context: context)
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
    }
}

extension SeriesBatches.Batch {
    var byteCount: Int64 { reads.reduce(0) { $0 + $1.byteCount } }
    var fileCount: Int { reads.reduce(0) { $0 + $1.fileCount } }
}
