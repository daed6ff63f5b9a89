internal import Glibc
internal import Imaging
internal import SQLInterface

/// One epoch of one worker: batches in plan order, made ahead by threads of their own.
///
/// Each thread has a connection and takes the next piece of the next batch: fetch in plan order, unpack, render into the
/// batch. No more than `prefetch` batches are under way or wait for the caller, so that a slow caller holds the threads
/// back. Memory = (prefetch + batches that the caller keeps) × batch, and one packed and one unpacked sample a thread.
package final class BatchStream: Sendable {
    package struct Options: Sendable {
        /// Nil: one per core, and for PostgreSQL one more, since the server works meanwhile.
        package var threads: Int?
        /// Batches made ahead; nil: two more than threads.
        package var prefetch: Int?
        /// Whether the recipe's augmentation applies.
        package var augments = true
        /// Folder of a bake of the set; used where nothing is to be augmented.
        package var bakedFolder: String?
        /// Whether every baked file is compared with its SHA-256, and not only those that are newer than the manifest.
        package var verifiesBake = false
        /// How long a lost connection is tried again before the stream fails.
        package var retrySeconds = 60.0

        package init() {}
    }

    /// What ``next(timeoutMilliseconds:)`` found.
    package enum Delivery: Sendable {
        case batch(Batch)
        case end
        case timeout
    }

    private struct State: ~Copyable {
        /// The piece that the next free thread takes.
        var nextBatch = 0
        var nextPiece = 0
        var nextDelivery = 0
        /// Batches under way: memory and pieces that are missing.
        var open: [Int: (buffer: BatchBuffer, missing: Int)] = [:]
        var ready: [Int: Batch] = [:]
        var failure: StreamError?
        var isStopping = false
        var retries = 0
        /// To end what the threads wait for.
        var interruptions: [Int: @Sendable () -> Void] = [:]
    }

    private struct Piece {
        let batch: Int
        let plan: PlannedBatch
        let slots: Range<Int>
        let buffer: BatchBuffer
    }

    package let plan: StreamPlan
    package let list: EpochList
    package let layout: BatchLayout
    private let reader: StreamReader
    private let options: Options
    private let prefetch: Int
    private let state: Monitor<StateBox>
    private let threads: ThreadGroup
    private let bake: BakedFolds?

    /// Holds the state, which cannot be copied by accident.
    private final class StateBox {
        var value = State()
    }

    package var table: FoldTable { list.table }

    /// Whether samples are copied from a bake.
    package var isBaked: Bool { bake != nil }

    /// Starts the threads.
    ///
    /// **Throws** `misuse` in a forked child, `resources`; `notFound` and `unusableSet` for a folder that is no bake of
    /// the set, whether samples are taken from it or not.
    package init(_ reader: StreamReader, list: EpochList, plan: StreamPlan, options: Options = Options()) throws {
        try reader.checkProcess()
        let table = list.table
        self.reader = reader
        self.list = list
        self.plan = plan
        self.options = options
        let isServer = if case .postgresql = reader.location { true } else { false }
        let cores = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
        let count = max(1, min(options.threads ?? cores + (isServer ? 1 : 0), max(1, plan.batchCount) * 64))
        prefetch = max(1, options.prefetch ?? count + 2)
        let changes = options.augments && table.info.recipe.augment != nil
        reader.fileMappings.dropStale()
        var baked: BakedFolds?
        if let folder = options.bakedFolder {
            // Also in an epoch that takes nothing from it: a wrong name is told in the first epoch, not in the last.
            let manifest = try BakeManifest(folder: folder, of: table.info)
            if !changes {
                baked = try BakedFolds(
                    manifest, table: table, verifies: options.verifiesBake, known: reader.provenFiles,
                    mappings: reader.fileMappings)
            }
        }
        bake = baked
        layout = BatchLayout(
            shape: table.shape, hasMask: table.hasMask, targetWidth: table.targets.width, capacity: plan.batchSize)
        reader.pool.prepare(byteCount: layout.byteCount, limit: prefetch + 2)
        state = Monitor(StateBox())
        threads = ThreadGroup()
        for number in 0..<count {
            try threads.start { [self] in run(thread: number) }
        }
    }

    /// The next batch in plan order.
    ///
    /// - Parameter timeoutMilliseconds: nil waits without end.
    /// **Throws** what stopped the threads: once, and at every later call.
    package func next(timeoutMilliseconds: Int?) throws(StreamError) -> Delivery {
        try reader.checkProcess()
        let outcome: Result<Delivery, StreamError>? = state.wait(milliseconds: timeoutMilliseconds) { box in
            if let batch = box.value.ready.removeValue(forKey: box.value.nextDelivery) {
                box.value.nextDelivery += 1
                return .success(.batch(batch))
            }
            if let failure = box.value.failure { return .failure(failure) }
            if box.value.isStopping || box.value.nextDelivery >= plan.batchCount { return .success(.end) }
            return nil
        }
        return try (outcome ?? .success(.timeout)).get()
    }

    /// Whether the process is another than the one that opened the training set.
    package var isForked: Bool { reader.isForked }

    /// How often a lost connection was opened again.
    package var retryCount: Int { state.change { $0.value.retries } }

    /// Ends the threads, whatever they wait for, and waits for them. Batches that were delivered stay.
    package func close() {
        guard !reader.isForked else { return }
        // Within the lock, so that no thread closes a connection that is being interrupted.
        state.change { box in
            box.value.isStopping = true
            for interrupt in box.value.interruptions.values { interrupt() }
        }
        threads.join()
        state.change { box in
            box.value.ready = [:]
            box.value.open = [:]
        }
    }

    // MARK: Threads

    /// Pieces small enough for all threads to work on the first batch, large enough for one statement to be worth it.
    private static func pieceSize(_ batchSize: Int) -> Int { min(batchSize, 16) }

    private func run(thread: Int) {
        let augmentation = options.augments ? (seed: plan.seed, epoch: plan.epoch) : nil
        let assembler = SampleAssembler(list, layout: layout, augmentation: augmentation)
        let order = plan.order()
        var connection: (any StreamConnection)?
        do {
            while let piece = try claim() {
                let indices = piece.slots.map { order(piece.plan.positions[$0]) }
                if let bake {
                    try assembler.fill(piece.buffer, slots: piece.slots, with: indices, from: bake)
                } else {
                    try make(piece, indices, assembler, &connection, thread)
                }
                finish(piece)
            }
            dismiss(&connection, thread, mayServe: true)
        } catch {
            dismiss(&connection, thread, mayServe: false)
            fail(error)
        }
    }

    /// Gives a connection back, or closes it. One that was interrupted is closed: the cancellation may yet arrive, and
    /// would hit the next statement.
    private func dismiss(_ connection: inout (any StreamConnection)?, _ thread: Int, mayServe: Bool) {
        let isStopping = state.change { box in
            box.value.interruptions[thread] = nil
            return box.value.isStopping
        }
        guard let open = connection else { return }
        connection = nil
        if mayServe, !isStopping { reader.park(open) } else { open.close() }
    }

    /// The next piece; nil when there is none or the stream stops.
    private func claim() throws(StreamError) -> Piece? {
        let answer: Result<Piece?, StreamError>? = state.wait { box in
            if box.value.isStopping || box.value.failure != nil || box.value.nextBatch >= plan.batchCount {
                return .success(nil)
            }
            guard box.value.nextBatch < box.value.nextDelivery + prefetch else { return nil }
            do throws(StreamError) { return .success(try take(&box.value)) } catch { return .failure(error) }
        }
        return try answer?.get()
    }

    private func take(_ state: inout State) throws(StreamError) -> Piece {
        let number = state.nextBatch
        let planned = plan.batch(number)
        let size = Self.pieceSize(plan.batchSize)
        let pieces = max(1, (planned.positions.count + size - 1) / size)
        if state.nextPiece == 0 { state.open[number] = (try reader.pool.take(byteCount: layout.byteCount), pieces) }
        guard let buffer = state.open[number]?.buffer else { preconditionFailure("an open batch has its memory") }
        let first = state.nextPiece * size
        state.nextPiece += 1
        if state.nextPiece == pieces { (state.nextBatch, state.nextPiece) = (number + 1, 0) }
        return Piece(
            batch: number, plan: planned, slots: first..<max(first, min(first + size, planned.positions.count)),
            buffer: buffer)
    }

    private func finish(_ piece: Piece) {
        state.change { box in
            box.value.open[piece.batch]?.missing -= 1
            guard let entry = box.value.open[piece.batch], entry.missing == 0 else { return }
            box.value.open[piece.batch] = nil
            box.value.ready[piece.batch] = Batch(
                plan: piece.plan, layout: layout, buffer: entry.buffer, pool: reader.pool)
        }
    }

    private func fail(_ error: any Error) {
        state.change { box in
            guard !box.value.isStopping, box.value.failure == nil else { return }
            box.value.failure = .wrapping(error)
        }
    }

    // MARK: Lost connections

    /// Makes a piece; a connection that is lost is opened again and the piece made anew, into the same places.
    private func make(
        _ piece: Piece, _ indices: [Int], _ assembler: SampleAssembler, _ connection: inout (any StreamConnection)?,
        _ thread: Int
    ) throws {
        var pause = 100
        var waited = 0
        while true {
            do {
                let open = try connection ?? reader.connection()
                connection = open
                try announce(open, thread)
                return try assembler.fill(
                    piece.buffer, slots: piece.slots, with: indices, from: open, check: checkStop)
            } catch let failure as any DatabaseFailure
                where failure.kind.isRetryable && Double(waited) < options.retrySeconds * 1_000
            {
                dismiss(&connection, thread, mayServe: false)
                try rest(milliseconds: pause)
                waited += pause
                pause = min(2 * pause, 5_000)
            }
        }
    }

    private func announce(_ connection: any StreamConnection, _ thread: Int) throws(StreamError) {
        state.change { $0.value.interruptions[thread] = connection.interruption }
        try checkStop()
    }

    private func checkStop() throws(StreamError) {
        if state.change({ $0.value.isStopping }) { throw Self.stopped }
    }

    private func rest(milliseconds: Int) throws(StreamError) {
        state.change { $0.value.retries += 1 }
        let isStopping: Bool? = state.wait(milliseconds: milliseconds) { $0.value.isStopping ? true : nil }
        if isStopping == true { throw Self.stopped }
    }

    private static let stopped = StreamError(.misuse, "The stream was closed.")
}
