internal import AsyncAlgorithms

/// Reads the files of batches on all cores and hands them over in order, never more than `window` of them ahead.
///
/// A slow database stops the readers, so memory is that of the window, however many files there are. Reading runs ahead
/// over the end of a batch, so that the cores are busy while a transaction commits.
struct BatchPipeline: Sendable {
    /// How far reading may be ahead of writing.
    struct Window: Sendable {
        /// So many files, however large they are; more only within both limits.
        let leastCount: Int
        let countLimit: Int
        /// Source bytes.
        let byteLimit: Int64

        func isFull(count: Int, bytes: Int64) -> Bool {
            count >= leastCount && (count >= countLimit || bytes >= byteLimit)
        }
    }

    let window: Window
    let pool: ReaderPool
    let transform: @Sendable (PlannedRead) -> PreparedFile

    typealias Batch = SeriesBatches.Batch

    /// What goes through the channel: a batch, then each of its files.
    enum Item: Sendable {
        case batch(Batch)
        case file(PreparedFile)
    }

    /// - Parameters:
    ///   - produce: Calls its argument with each batch, in order.
    ///   - consume: Takes each batch with its files; it must take or discard all of them.
    func run(
        produce: @escaping @Sendable ((Batch) async throws -> Void) async throws -> Void,
        consume: (Batch, PreparedFiles) async throws -> Void
    ) async throws {
        let channel = AsyncThrowingChannel<Item, any Error>()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { @concurrent in
                do {
                    try await read(produce, into: channel)
                    channel.finish()
                } catch {
                    channel.fail(error)
                }
            }
            let files = PreparedFiles(channel)
            while let batch = try await files.nextBatch() { try await consume(batch, files) }
            try await group.waitForAll()
        }
    }

    private func read(
        _ produce: @Sendable ((Batch) async throws -> Void) async throws -> Void,
        into channel: AsyncThrowingChannel<Item, any Error>
    ) async throws {
        try await withThrowingTaskGroup(of: (Int, PreparedFile).self) { group in
            var line = WaitingLine()
            func settleOne() async throws {
                if let (index, file) = try await group.next() { line.settle(index, file) }
                while let item = line.popReady() { await channel.send(item) }
            }
            try await produce { batch in
                line.append(batch)
                for read in batch.reads {
                    while window.isFull(count: line.openCount, bytes: line.openBytes) { try await settleOne() }
                    let index = line.appendFile(of: read.byteCount)
                    group.addTask { @concurrent in
                        try Task.checkCancellation()
                        return (index, await pool.run { transform(read) })
                    }
                }
            }
            while line.openCount > 0 { try await settleOne() }
            while let item = line.popReady() { await channel.send(item) }
        }
    }
}

/// Items in their order, of which files settle in any order.
private struct WaitingLine {
    private enum Place {
        case batch(BatchPipeline.Batch)
        case file(Int, byteCount: Int64)
    }
    private var places: [Place] = []
    private var settled: [Int: PreparedFile] = [:]
    private var nextIndex = 0
    /// Files that were started and not handed over yet.
    private(set) var openCount = 0
    /// Their sizes as the scan saw them.
    private(set) var openBytes: Int64 = 0

    mutating func append(_ batch: BatchPipeline.Batch) { places.append(.batch(batch)) }

    mutating func appendFile(of byteCount: Int64) -> Int {
        defer { nextIndex += 1 }
        openCount += 1
        openBytes += byteCount
        places.append(.file(nextIndex, byteCount: byteCount))
        return nextIndex
    }

    mutating func settle(_ index: Int, _ file: PreparedFile) { settled[index] = file }

    /// The first item, unless it is a file that is still being read.
    mutating func popReady() -> BatchPipeline.Item? {
        switch places.first {
        case nil: return nil
        case .batch(let batch):
            places.removeFirst()
            return .batch(batch)
        case .file(let index, let byteCount):
            guard let file = settled.removeValue(forKey: index) else { return nil }
            places.removeFirst()
            openCount -= 1
            openBytes -= byteCount
            return .file(file)
        }
    }
}

/// The files of the batch at hand, as the consumer takes them.
final class PreparedFiles {
    private let channel: AsyncThrowingChannel<BatchPipeline.Item, any Error>
    private var remaining = 0

    init(_ channel: AsyncThrowingChannel<BatchPipeline.Item, any Error>) {
        self.channel = channel
    }

    /// An iterator of a channel has no state of its own, so a fresh one goes on where the last one stopped.
    private func nextItem() async throws -> BatchPipeline.Item? {
        var iterator = channel.makeAsyncIterator()
        return try await iterator.next()
    }

    func nextBatch() async throws -> BatchPipeline.Batch? {
        try await discard()
        guard case .batch(let batch) = try await nextItem() else { return nil }
        remaining = batch.reads.count
        return batch
    }

    func next() async throws -> PreparedFile? {
        guard remaining > 0, case .file(let file) = try await nextItem() else { return nil }
        remaining -= 1
        return file
    }

    /// Lets the rest of the batch go by.
    func discard() async throws {
        while try await next() != nil {}
    }
}
