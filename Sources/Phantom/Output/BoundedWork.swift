/// Runs one job per item, at most `workers` at a time, and reports each as it ends.
///
/// Items start in order; results are not collected, so a job writes what it makes. The first error cancels the rest
/// and is thrown. **Cost** memory of `workers` jobs.
func forEach<Item: Sendable>(
    _ items: [Item], workers: Int, finished: (Item) -> Void, job: @escaping @Sendable (Item) async throws -> Void
) async throws {
    try await withThrowingTaskGroup(of: Item.self) { group in
        var waiting = items.makeIterator()
        for _ in 0..<max(1, workers) {
            guard let item = waiting.next() else { break }
            group.addTask {
                try await job(item)
                return item
            }
        }
        while let done = try await group.next() {
            finished(done)
            guard let item = waiting.next() else { continue }
            try Task.checkCancellation()
            group.addTask {
                try await job(item)
                return item
            }
        }
    }
}
