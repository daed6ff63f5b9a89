/// Which sample stands where in an epoch, and whose it is: all of the loader's state besides one number.
///
/// Position p of the epoch holds sample `permutation[p]`. It belongs to rank p mod worldSize. A batch of this rank is cut
/// from batchSize × worldSize neighbouring positions, counted from `consumed`; worker w takes the batches b ≡ w modulo
/// workers. So the order of samples depends on seed and epoch alone, and `consumed`, the number of samples that all ranks
/// together have taken, resumes it on any number of ranks.
package struct StreamPlan: Sendable, Equatable {
    /// What happens where the samples left do not fill a batch of every rank.
    package enum Tail: String, Sendable, CaseIterable {
        /// They are left out.
        case drop
        /// The batch is filled from the beginning of the epoch; `validCount` says how many are not repeated.
        case pad
        /// The batch is shorter, perhaps empty: every rank still gets the same number of batches.
        case short
    }

    /// Samples in an epoch, repeats of an oversampling plan included.
    package let sampleCount: Int
    package let seed: UInt64
    package let epoch: UInt64
    package let isShuffled: Bool
    package let batchSize: Int
    package let rank: Int
    package let worldSize: Int
    package let worker: Int
    package let workers: Int
    package let tail: Tail
    /// Samples of the epoch that all ranks together have taken before.
    package let consumed: Int
    /// Batches of this worker that it leaves out, having made them before.
    package let skip: Int

    /// **Throws** `invalidPlan` for numbers out of range, by name.
    package init(
        sampleCount: Int, seed: UInt64 = 0, epoch: UInt64 = 0, isShuffled: Bool = true, batchSize: Int,
        rank: Int = 0, worldSize: Int = 1, worker: Int = 0, workers: Int = 1, tail: Tail = .short, consumed: Int = 0,
        skip: Int = 0
    ) throws(StreamError) {
        func check(_ isRight: Bool, _ name: String, _ rule: String) throws(StreamError) {
            guard isRight else { throw .invalidPlan(name, rule) }
        }
        try check((1...65_536).contains(batchSize), "batch_size", "from 1 to 65536")
        try check((1...1_048_576).contains(worldSize), "world_size", "at least 1")
        try check((0..<worldSize).contains(rank), "rank", "from 0 to world_size - 1")
        try check((1...65_536).contains(workers), "workers", "at least 1")
        try check((0..<workers).contains(worker), "worker", "from 0 to workers - 1")
        try check((0...sampleCount).contains(consumed), "consumed", "from 0 to the \(sampleCount) samples of an epoch")
        try check(skip >= 0, "skip", "at least 0")
        self.sampleCount = sampleCount
        self.seed = seed
        self.epoch = epoch
        self.isShuffled = isShuffled
        self.batchSize = batchSize
        self.rank = rank
        self.worldSize = worldSize
        self.worker = worker
        self.workers = workers
        self.tail = tail
        self.consumed = consumed
        self.skip = skip
    }

    /// Samples that all ranks take with one batch each.
    package var stride: Int { batchSize * worldSize }

    /// Batches of every rank from `consumed` to the end, those of all its workers.
    package var rankBatchCount: Int {
        let left = sampleCount - consumed
        return tail == .drop ? left / stride : (left + stride - 1) / stride
    }

    /// Batches of this worker.
    package var batchCount: Int { max(0, max(0, rankBatchCount - worker + workers - 1) / workers - skip) }

    /// Batch `number` of this worker, 0-based, behind those it skips.
    package func batch(_ number: Int) -> PlannedBatch {
        let index = worker + (number + skip) * workers
        let base = consumed + index * stride
        let first = base + (rank - base % worldSize + worldSize) % worldSize
        let positions = (0..<batchSize).map { first + $0 * worldSize }
        let valid = positions.prefix { $0 < sampleCount }.count
        return PlannedBatch(
            index: index, positions: tail == .pad ? positions.map { $0 % sampleCount } : Array(positions.prefix(valid)),
            validCount: valid, consumed: min(sampleCount, base + stride))
    }

    /// The sample at a position, as an index into the fold.
    package func order() -> (Int) -> Int {
        guard isShuffled else { return { $0 } }
        let permutation = FeistelPermutation(count: sampleCount, seed: seed, epoch: epoch)
        return { permutation[$0] }
    }
}

/// One batch of one rank.
package struct PlannedBatch: Sendable, Equatable {
    /// Among the batches of the rank since `consumed`.
    package let index: Int
    package let positions: [Int]
    /// How many of them, from the first, do not repeat a sample of the epoch.
    package let validCount: Int
    /// Samples that all ranks together have taken after it.
    package let consumed: Int
}
