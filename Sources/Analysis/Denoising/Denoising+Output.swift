internal import Imaging
package import LinearAlgebra

/// Whole denoised stacks, in the stored types of the series.
extension Denoising {
    /// M·V·Vᵀ of the first `rank` vectors into `output`, rounded to stored values.
    ///
    /// **Cost** one pass.
    package func reconstruct(_ factors: SingularFactors, rank: Int, into output: SampleStore) async throws {
        BLASThreads.use(1)
        let kept = factors.right.leadingColumns(rank)
        let projector = factors.projector(of: rank)
        // Two thin products cost less than one square one where the rank is small.
        let isThin = 2 * rank < store.sliceCount
        let back = kept.transposed
        _ = try await plan.pass.fold(VoxelMatrix(store), initial: 0) { _, block in
            let product = isThin ? block.times(kept).times(back) : block.times(projector)
            for slice in 0..<output.sliceCount {
                try output.write(slice: slice, range: block.rows, values: product.column(slice))
            }
        }
    }

    /// MP-PCA of the whole stack into `output`, with its measures beside those of the truncations.
    package func denoisePatches(
        into output: SampleStore, adding outcome: inout Outcome, progress: (Int) -> Void = { _ in }
    ) async throws {
        var squaredError = 0.0
        var squaredOutput = 0.0
        var compared: [Int: [Float]] = [:]
        let wanted = Set(outcome.compared.slices)
        let summary = try await PatchPCA(settings.patch, workers: plan.workers).run(
            rows: store.rows, columns: store.columns, slices: store.sliceCount,
            read: { try store.values(of: $0) },
            write: { slice, values in
                let before = try store.values(of: slice)
                for index in values.indices {
                    let difference = Double(before[index]) - Double(values[index])
                    squaredError += difference * difference
                    squaredOutput += Double(values[index]) * Double(values[index])
                }
                if wanted.contains(slice) { compared[slice] = values }
                try output.write(slice: slice, range: 0..<store.pixelCount, values: values.map { Double($0) }[...])
            }, progress: progress)
        outcome.patches = summary
        outcome.pictures.append(compared[outcome.shownSlice] ?? [])
        outcome.levels.append(
            level(summary, outcome, compared, squaredError: squaredError, squaredOutput: squaredOutput))
    }

    private func level(
        _ summary: PatchPCA.Summary, _ outcome: Outcome, _ pictures: [Int: [Float]], squaredError: Double,
        squaredOutput: Double
    ) -> LevelResult {
        let measures = outcome.compared.measure(outcome.compared.slices.map { pictures[$0] ?? [] })
        let rmse = (squaredError / (Double(store.pixelCount) * Double(store.sliceCount))).squareRoot()
        let norm = outcome.factors.squaredNorm
        return LevelResult(
            kind: .patches, keptCount: Int(summary.meanRank.rounded()),
            zeroedCount: min(settings.patch.slices, store.sliceCount) - Int(summary.meanRank.rounded()),
            energy: norm > 0 ? min(1, squaredOutput / norm) : 1, rmse: rmse,
            psnr: PictureComparison.psnr(rmse: rmse, range: range.upperBound - range.lowerBound), ssim: measures.ssim,
            noiseBefore: outcome.levels.first?.noiseBefore ?? 0, noiseAfter: measures.noiseAfter,
            residualCorrelation: measures.residualCorrelation, edgeCorrelation: measures.edgeCorrelation)
    }
}
