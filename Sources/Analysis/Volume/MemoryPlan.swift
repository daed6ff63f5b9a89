package import LinearAlgebra

/// What fits into the memory that a run may use.
///
/// Beside the samples there are the states of a pass, its blocks, and the pictures that are compared. Samples that do
/// not fit go to a scratch file; if the rest does not fit, the run is refused.
package struct MemoryPlan: Sendable, Equatable {
    package let workers: Int
    package let blockByteCount: Int
    package let inputIsInMemory: Bool
    package let outputIsInMemory: Bool
    /// Slices on which levels are compared, the one shown among them.
    package let comparedSliceCount: Int

    /// What a run takes before it holds anything of a series: the program, its libraries, a database connection.
    package static let floor = 64 << 20

    /// - Parameters:
    ///   - limit: Bytes allowed in all.
    ///   - sampleBytes: Stored samples of the series.
    ///   - levelCount: Levels that are compared.
    ///   - patchSlices: Slices of a patch of MP-PCA; 0 for the other methods.
    /// **Throws** `memory`, with the least that would do.
    package init(
        limit: Int, sampleBytes: Int, rows: Int, slices: Int, levelCount: Int, patchSlices: Int = 0,
        storesOutput: Bool, cores: Int, subject: String
    ) throws {
        let square = 8 * slices * slices
        let states = RowPass.stripeCount(columns: slices) * square + 6 * square
        let block = max(min(4 << 20, limit / 16), 8 * slices * 64)
        // A block, what it is multiplied to, and the stack of the QR factorisation.
        let perWorker = 3 * max(block, storesOutput ? 2 * block : block)
        let perSlice = 4 * rows * (levelCount + 1)
        // Values, sums and weights of the slices of a window.
        let patches = 12 * rows * min(patchSlices, slices)
        let least = Self.floor + states + perWorker + 2 * perSlice + patches
        guard limit >= least else {
            throw AnalysisError(
                .memory, subject,
                "\(slices) slices of \(rows) pixels need at least --memory \((least >> 20) + 1)M; allow that much")
        }
        var rest = limit - least
        var workers = 1
        while workers < cores, rest >= perWorker {
            workers += 1
            rest -= perWorker
        }
        self.workers = workers
        blockByteCount = block
        inputIsInMemory = rest >= sampleBytes
        if inputIsInMemory { rest -= sampleBytes }
        outputIsInMemory = storesOutput && rest >= sampleBytes
        if outputIsInMemory { rest -= sampleBytes }
        comparedSliceCount = min(slices, max(1, min(5, rest / max(1, 2 * perSlice))))
    }

    package var pass: RowPass { RowPass(workers: workers, blockByteCount: blockByteCount) }
}
