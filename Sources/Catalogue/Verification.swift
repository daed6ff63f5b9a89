package import Warehouse

/// Decodes every slice and compares it with the digest that was taken when it was ingested.
package struct Verification: Sendable {
    /// What is wrong with one slice.
    package struct Failure: Sendable, Hashable {
        package let seriesID: Int64
        package let sliceID: Int64
        /// One sentence.
        package let reason: String
    }

    package struct Report: Sendable {
        package var sliceCount = 0
        package var failures: [Failure] = []
    }

    private let stream: SliceStream

    package init(_ stream: SliceStream = .all) {
        self.stream = stream
    }

    /// **Cost** all cores decode and hash while the next batch is fetched; memory is a few batches.
    package func run(
        on connection: any WarehouseConnection, progress: (Int) -> Void = { _ in }
    ) async throws -> Report {
        var report = Report()
        try await stream.forEachBatch(on: connection) { slices in
            report.sliceCount += slices.count
            report.failures += try await failures(among: slices)
            progress(report.sliceCount)
        }
        return report
    }

    private func failures(among slices: [StoredSlice]) async throws -> [Failure] {
        try await withThrowingTaskGroup(of: [Failure].self) { group in
            let share = max(1, slices.count / 4)
            for start in stride(from: 0, to: slices.count, by: share) {
                let part = slices[start..<min(start + share, slices.count)]
                group.addTask { @concurrent in part.compactMap(Self.failure) }
            }
            return try await group.reduce(into: []) { $0 += $1 }.sorted { $0.sliceID < $1.sliceID }
        }
    }

    private static func failure(of slice: StoredSlice) -> Failure? {
        func failure(_ reason: String) -> Failure {
            Failure(seriesID: slice.seriesID, sliceID: slice.sliceID, reason: reason)
        }
        if slice.tiles.isEmpty { return failure("The slice has no pixels.") }
        do {
            return try slice.isIntact() ? nil : failure("The pixels are not those that were ingested.")
        } catch {
            return failure("\(error)")
        }
    }
}
