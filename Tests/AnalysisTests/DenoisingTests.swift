import LinearAlgebra
import Testing

@testable import Analysis

@Suite struct DenoisingTests {
    private let phantom = PhantomVolume { _, _ in 20 }

    /// The truth is known, so this is a gain in PSNR against it and not against the input.
    @Test func `the automatic rank comes closer to the truth than every fixed level`() async throws {
        let denoising = try Denoising(phantom)
        let outcome = try await denoising.decompose()
        var errors: [(kind: LevelResult.Kind, error: Double)] = []
        for level in outcome.levels {
            let output = try denoising.emptyOutput()
            try await denoising.reconstruct(outcome.factors, rank: level.keptCount, into: output)
            errors.append((level.kind, try phantom.error(of: output)))
        }
        let automatic = try #require(errors.first { $0.kind == .automatic }).error
        for other in errors { #expect(automatic <= other.error, "\(other.kind)") }
        #expect(automatic < 0.6 * 20)
    }

    @Test func `the noise that the slices show is the noise that was added`() async throws {
        let outcome = try await Denoising(phantom).decompose()
        // Edges add to the median: a sixth on a phantom as small and sharp as this.
        #expect(abs(outcome.choice.noise / 20 - 1) < 0.2)
        var options = DenoiseOptions()
        options.noise = "spectrum"
        let spectrum = try await Denoising(phantom, options: options).decompose()
        #expect(abs(spectrum.choice.noise / 20 - 1) < 0.05)
    }

    @Test func `the automatic residual has the size of the noise and no edges`() async throws {
        let outcome = try await Denoising(phantom).decompose()
        let level = try #require(outcome.levels.last)
        #expect(level.kind == .automatic)
        #expect(abs(level.rmse / 20 - 1) < 0.1)
        let edges = try #require(level.edgeCorrelation)
        #expect(edges < 0.25)
        #expect(level.noiseAfter < level.noiseBefore / 2)
    }

    /// Whole-volume figures come from the singular values; they are those of the reconstruction.
    @Test func `RMSE by the singular values is that of the reconstruction`() async throws {
        let denoising = try Denoising(phantom)
        let outcome = try await denoising.decompose()
        for level in outcome.levels where level.zeroedCount > 0 {
            let output = try denoising.emptyOutput()
            try await denoising.reconstruct(outcome.factors, rank: level.keptCount, into: output)
            var sum = 0.0
            for slice in 0..<phantom.slices {
                let error = PictureComparison.rmse(try output.values(of: slice), phantom.noisy[slice])
                sum += error * error / Double(phantom.slices)
            }
            #expect(abs(level.rmse / sum.squareRoot() - 1) < 1e-4, "\(level.name)")
        }
    }

    @Test func `MP-PCA wins where the noise varies over the image`() async throws {
        let uneven = PhantomVolume { row, column in 8 + 30 * Double(row + column) / 192 }
        var options = DenoiseOptions()
        options.method = "mppca"
        let denoising = try Denoising(uneven, options: options)
        var outcome = try await denoising.decompose()
        let patches = try denoising.emptyOutput()
        try await denoising.denoisePatches(into: patches, adding: &outcome)
        let truncated = try denoising.emptyOutput()
        try await denoising.reconstruct(outcome.factors, rank: outcome.choice.rank, into: truncated)
        let (ours, other) = (try uneven.error(of: patches), try uneven.error(of: truncated))
        #expect(ours < other)
        let ratio = ours / (try uneven.error(of: uneven.store()))
        #expect(ratio < 0.45)
        // The levels found span those that were put in: 8 to 38.
        let summary = try #require(outcome.patches)
        #expect((8...16).contains(try #require(summary.noiseQuantile(0.05))))
        #expect((28...40).contains(try #require(summary.noiseQuantile(0.95))))
    }

    @Test func `energy is relative to the whole matrix even where few values were computed`() async throws {
        var options = DenoiseOptions()
        options.method = "randomized"
        options.rank = 10
        let few = try await Denoising(phantom, options: options).decompose()
        let all = try await Denoising(phantom).decompose()
        #expect(few.factors.values.count == 10)
        let kept = all.factors.energy(of: 10)
        #expect(abs(try #require(few.levels.first).energy - kept) < 1e-4)
        #expect(kept < 1)
    }

    @Test func `a constant stack and two slices work`() async throws {
        for phantom in [
            PhantomVolume(rows: 20, columns: 20, slices: 2) { _, _ in 5 },
            PhantomVolume(rows: 8, columns: 8, slices: 100) { _, _ in 5 },
        ] {
            let outcome = try await Denoising(phantom).decompose()
            #expect(outcome.factors.values.count == min(phantom.slices, phantom.rows * phantom.columns))
            #expect(outcome.levels.allSatisfy { $0.keptCount >= 1 })
        }
        let constant = PhantomVolume(rows: 20, columns: 20, slices: 5) { _, _ in 0 }
        let flat = try await Denoising(constant.flattened()).decompose()
        #expect(flat.factors.effectiveRank == 1)
        #expect(flat.levels.allSatisfy { $0.psnr == nil || $0.rmse < 1e-6 })
    }

    @Test func `k greater than the stack is capped`() async throws {
        var options = DenoiseOptions()
        options.rank = 245
        let outcome = try await Denoising(phantom, options: options).decompose()
        #expect(outcome.factors.values.count == 64)
    }

    @Test func `memory that is too little is refused with what would do`() throws {
        let error = #expect(throws: AnalysisError.self) {
            try MemoryPlan(
                limit: 1 << 20, sampleBytes: 1, rows: 512 * 512, slices: 300, levelCount: 6, storesOutput: true,
                cores: 2,
                subject: "series 1")
        }
        #expect(error?.code == .memory)
        #expect(try #require(error).reason.contains("--memory"))
    }
}

extension PhantomVolume {
    fileprivate func flattened() throws -> PhantomVolume {
        PhantomVolume(rows: rows, columns: columns, slices: slices, values: -1_000)
    }

    private init(rows: Int, columns: Int, slices: Int, values: Float) {
        let flat = [[Float]](repeating: [Float](repeating: values, count: rows * columns), count: slices)
        self.init(rows: rows, columns: columns, slices: slices, truth: flat, noisy: flat)
    }
}
