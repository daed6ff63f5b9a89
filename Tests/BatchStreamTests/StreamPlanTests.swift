import Testing

@testable import BatchStream

@Suite struct StreamPlanTests {
    /// All positions that all workers of all ranks take, in no order.
    private func positions(
        _ count: Int, batch: Int, ranks: Int, workers: Int, tail: StreamPlan.Tail, consumed: Int
    ) throws -> [Int] {
        var taken: [Int] = []
        for rank in 0..<ranks {
            for worker in 0..<workers {
                let plan = try StreamPlan(
                    sampleCount: count, batchSize: batch, rank: rank, worldSize: ranks, worker: worker,
                    workers: workers, tail: tail, consumed: consumed)
                for number in 0..<plan.batchCount {
                    let batch = plan.batch(number)
                    #expect(batch.index % workers == worker)
                    #expect(batch.positions.prefix(batch.validCount).allSatisfy { $0 % ranks == rank })
                    taken += batch.positions.prefix(batch.validCount)
                }
            }
        }
        return taken
    }

    @Test(arguments: [1, 2, 3, 8], [1, 2, 5])
    func `ranks and workers share every position once`(ranks: Int, workers: Int) throws {
        for count in [1, 7, 64, 101] {
            for consumed in [0, 1, 5, count] where consumed <= count {
                for batch in [1, 3, 16] {
                    for tail in [StreamPlan.Tail.pad, .short] {
                        let taken = try positions(
                            count, batch: batch, ranks: ranks, workers: workers, tail: tail, consumed: consumed)
                        #expect(taken.sorted() == Array(consumed..<count))
                    }
                    let taken = try positions(
                        count, batch: batch, ranks: ranks, workers: workers, tail: .drop, consumed: consumed)
                    let kept = (count - consumed) / (batch * ranks) * batch * ranks
                    #expect(taken.sorted() == Array(consumed..<consumed + kept))
                }
            }
        }
    }

    @Test func `padding begins the epoch again`() throws {
        let plan = try StreamPlan(sampleCount: 5, batchSize: 4, rank: 1, worldSize: 2, tail: .pad)
        #expect(plan.batchCount == 1)
        #expect(plan.batch(0) == PlannedBatch(index: 0, positions: [1, 3, 0, 2], validCount: 2, consumed: 5))
    }

    @Test func `skipped batches are those made before`() throws {
        let whole = try StreamPlan(sampleCount: 100, batchSize: 4, worker: 1, workers: 3)
        let rest = try StreamPlan(sampleCount: 100, batchSize: 4, worker: 1, workers: 3, skip: 2)
        #expect(rest.batchCount == whole.batchCount - 2)
        #expect(rest.batch(0) == whole.batch(2))
    }

    @Test(arguments: ["batch_size", "rank", "world_size", "worker", "consumed"])
    func `numbers out of range are named`(name: String) {
        let error = #expect(throws: StreamError.self) {
            _ = try StreamPlan(
                sampleCount: 10, batchSize: name == "batch_size" ? 0 : 4, rank: name == "rank" ? 1 : 0,
                worldSize: name == "world_size" ? 0 : 1, worker: name == "worker" ? -1 : 0,
                consumed: name == "consumed" ? 11 : 0)
        }
        #expect(error?.code == .invalidPlan)
        #expect(error?.description.contains(name) == true)
    }
}
