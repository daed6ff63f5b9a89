internal import LinearAlgebra

/// MP-PCA: every patch of the stack is a small matrix, pixels × slices, that loses the components which are noise.
///
/// Patches overlap; where they do, their results are averaged with weights 1 / (1 + rank), because the fewer components a
/// patch needs, the less noise it kept. The noise may vary over the image: each patch finds its own level.
/// **Cost** memory is three times the slices of a window in single precision.
package struct PatchPCA: Sendable {
    private let options: PatchOptions
    private let workers: Int

    package init(_ options: PatchOptions, workers: Int) {
        self.options = options
        self.workers = max(1, workers)
    }

    /// What the patches said.
    package struct Summary: Sendable, Equatable {
        package var patchCount = 0
        /// Patches in which every component was signal, so that nothing was taken away.
        package var untouchedCount = 0
        /// Noise levels found, for their median and spread.
        package var noise: [Float] = []
        package var rankSum = 0

        package var meanRank: Double { patchCount > 0 ? Double(rankSum) / Double(patchCount) : 0 }

        /// Noise at a share of the patches, 0 to 1; `nil` where none was found.
        package func noiseQuantile(_ share: Double) -> Double? {
            guard !noise.isEmpty else { return nil }
            return Double(noise.sorted()[min(noise.count - 1, Int(share * Double(noise.count)))])
        }
    }

    /// Denoises the stack, slice by slice in order.
    ///
    /// - Parameters:
    ///   - read: Values of a slice, `[rows][columns]`.
    ///   - write: Takes each finished slice.
    package func run(
        rows: Int, columns: Int, slices: Int, read: (Int) throws -> [Float],
        write: (Int, [Float]) throws -> Void, progress: (Int) -> Void = { _ in }
    ) async throws -> Summary {
        BLASThreads.use(1)
        let options = options.fitted(rows: rows, columns: columns, slices: slices)
        var window = PatchWindow(rows: rows, columns: columns, options: options)
        var summary = Summary()
        for first in Self.starts(count: slices, length: options.slices, step: max(1, options.slices / 2)) {
            for done in window.first..<first where done < first { try write(done, window.finished(done)) }
            try window.move(to: first, read: read)
            progress(first)
            try await denoise(window.input) { band in
                window.add(band)
                summary.add(band.summary)
            }
        }
        for done in window.first..<slices { try write(done, window.finished(done)) }
        progress(slices)
        return summary
    }

    /// First indices of pieces that cover `0..<count`; the last one ends at the end.
    static func starts(count: Int, length: Int, step: Int) -> [Int] {
        guard count > length else { return [0] }
        return Array(stride(from: 0, to: count - length, by: step)) + [count - length]
    }

    /// Bands of patches that start at the same row, handed over in their order, so that sums do not depend on which
    /// core was faster.
    private func denoise(_ window: PatchWindow, _ take: (PatchBand) -> Void) async throws {
        let starts = Self.starts(count: window.rows, length: window.options.side, step: window.options.step)
        var waiting: [Int: PatchBand] = [:]
        var due = 0
        try await withThrowingTaskGroup(of: (Int, PatchBand).self) { group in
            var next = 0
            func add() {
                guard next < starts.count else { return }
                let index = next
                next += 1
                group.addTask { @concurrent in
                    try Task.checkCancellation()
                    return (index, try PatchBand(of: window, firstRow: starts[index]))
                }
            }
            for _ in 0..<workers { add() }
            while let (index, band) = try await group.next() {
                waiting[index] = band
                while let band = waiting.removeValue(forKey: due) {
                    take(band)
                    due += 1
                }
                add()
            }
        }
    }
}

extension PatchPCA.Summary {
    mutating func add(_ other: PatchPCA.Summary) {
        patchCount += other.patchCount
        untouchedCount += other.untouchedCount
        noise += other.noise
        rankSum += other.rankSum
    }
}
