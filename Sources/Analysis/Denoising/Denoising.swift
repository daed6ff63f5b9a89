internal import Imaging
package import LinearAlgebra

/// Denoises one stack that lies in a store: decomposition, rank, levels, measures. Knows no database and no file.
package struct Denoising: Sendable {
    package let settings: DenoiseSettings
    package let plan: MemoryPlan
    package let store: SampleStore
    /// Least and greatest value of the stack.
    package let range: ClosedRange<Double>

    package init(_ store: SampleStore, range: ClosedRange<Double>, settings: DenoiseSettings, plan: MemoryPlan) {
        self.store = store
        self.range = range
        self.settings = settings
        self.plan = plan
    }

    /// What was found.
    package struct Outcome: Sendable {
        package let factors: SingularFactors
        package let choice: RankChoice
        package let certificate: ResidualCertificate
        package var levels: [LevelResult]
        package let shownSlice: Int
        /// The slice shown, and what each level made of it.
        package let original: [Float]
        package var pictures: [[Float]]
        let compared: ComparedSlices
        package var patches: PatchPCA.Summary?

        /// Whether a level keeps all there is.
        func isUnchanged(by level: LevelResult) -> Bool {
            if level.kind == .patches { return patches?.noise.isEmpty == true }
            let full = min(compared.rows * compared.columns, factors.right.rows)
            return factors.values.count == full && level.keptCount >= factors.effectiveRank
        }
    }

    /// **Throws** ``LinearAlgebraError``, ``AnalysisError``.
    package func decompose(step: (DenoiseStep) -> Void = { _ in }) async throws -> Outcome {
        let matrix = VoxelMatrix(store)
        step(.decomposing)
        let factors = try await factors(of: matrix)
        step(.comparing)
        let shown = try shownSlice()
        let compared = try ComparedSlices(
            store,
            slices: ComparedSlices.choose(count: plan.comparedSliceCount, of: store.sliceCount, shown: shown),
            range: range.upperBound - range.lowerBound)
        let noise = compared.noise(of: compared.original)
        let choice = RankChoice(
            values: factors.values, rows: matrix.rowCount, columns: matrix.columnCount, rule: settings.rule,
            source: settings.noiseSource, imageNoise: noise)
        let cuts = cuts(of: factors.values.count, automatic: choice.rank)
        let pictures = try await LevelPictures(
            matrix, factors: factors, ranks: cuts.map(\.kept), slices: compared.slices, pass: plan.pass
        ).pictures
        step(.certifying)
        let certificate = try await ResidualCertificate.measure(
            matrix, without: factors.right.leadingColumns(choice.rank), pass: plan.pass, seed: settings.seed)
        let place = compared.slices.firstIndex(of: shown) ?? 0
        return Outcome(
            factors: factors, choice: choice, certificate: certificate,
            levels: await results(cuts, pictures, factors, compared, noise: noise), shownSlice: shown,
            original: compared.original[place], pictures: pictures.map { $0[place] }, compared: compared)
    }

    // MARK: Steps

    private func factors(of matrix: VoxelMatrix) async throws -> SingularFactors {
        let svd = TallSVD(pass: plan.pass)
        let full = min(matrix.rowCount, matrix.columnCount)
        let rank = min(settings.rank ?? full, full)
        guard settings.method == .randomized else {
            return try await svd.exact(matrix, needed: rank).keeping(rank, rowCount: matrix.rowCount)
        }
        return try await svd.randomized(
            matrix, rank: rank, oversampling: settings.oversampling, powerIterations: settings.powerIterations,
            seed: settings.seed)
    }

    private func shownSlice() throws -> Int {
        guard let slice = settings.slice else { return store.sliceCount / 2 }
        guard slice < store.sliceCount else {
            throw AnalysisError(
                .badOption, "--slice \(slice)",
                "the series has \(store.sliceCount) slices, counted from 0; name one below that")
        }
        return slice
    }

    private struct Cut: Sendable {
        let kind: LevelResult.Kind
        let kept: Int
        let zeroed: Int
    }

    private func cuts(of count: Int, automatic: Int) -> [Cut] {
        settings.fractions.map { fraction in
            let level = DropLevel(droppedFraction: fraction, of: count)
            return Cut(kind: .fraction(fraction), kept: level.keptCount, zeroed: level.zeroedCount)
        } + [Cut(kind: .automatic, kept: automatic, zeroed: count - automatic)]
    }

    /// Each level on a core of its own.
    private func results(
        _ cuts: [Cut], _ pictures: [[[Float]]], _ factors: SingularFactors, _ compared: ComparedSlices, noise: Double
    ) async -> [LevelResult] {
        await withTaskGroup(of: (Int, LevelResult).self) { group in
            for (index, cut) in cuts.enumerated() {
                group.addTask { @concurrent in (index, result(cut, pictures[index], factors, compared, noise: noise)) }
            }
            var results: [(Int, LevelResult)] = []
            for await item in group { results.append(item) }
            return results.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }

    private func result(
        _ cut: Cut, _ pictures: [[Float]], _ factors: SingularFactors, _ compared: ComparedSlices, noise: Double
    ) -> LevelResult {
        let measures = compared.measure(pictures)
        let entries = Double(store.pixelCount) * Double(store.sliceCount)
        let rmse = (factors.squaredResidual(of: cut.kept) / entries).squareRoot()
        return LevelResult(
            kind: cut.kind, keptCount: cut.kept, zeroedCount: cut.zeroed, energy: factors.energy(of: cut.kept),
            rmse: rmse, psnr: PictureComparison.psnr(rmse: rmse, range: range.upperBound - range.lowerBound),
            ssim: measures.ssim, noiseBefore: noise, noiseAfter: measures.noiseAfter,
            residualCorrelation: rmse > 0 ? measures.residualCorrelation : nil,
            edgeCorrelation: rmse > 0 ? measures.edgeCorrelation : nil)
    }
}

/// What a run is doing.
package enum DenoiseStep: String, Sendable {
    case reading, decomposing, comparing, certifying, patches, reconstructing, writing, storing
}

extension SingularFactors {
    /// The first `count` values and vectors; the squared norm stays that of the whole matrix.
    package func keeping(_ count: Int, rowCount: Int) -> SingularFactors {
        guard count < values.count else { return self }
        return SingularFactors(leading: count, of: self, rowCount: rowCount)
    }
}
