internal import CanonicalJSON
internal import Catalogue

/// Denoises a matrix from a file in the shape of `s.csv`; no warehouse takes part.
package struct MatrixDenoising: Sendable {
    private let settings: DenoiseSettings
    private let destination: SeriesDenoising.Destination
    private let environment: [String: String]

    package init(
        settings: DenoiseSettings, destination: SeriesDenoising.Destination, environment: [String: String]
    ) {
        self.settings = settings
        self.destination = destination
        self.environment = environment
    }

    /// - Parameters:
    ///   - rows: of a slice; rows × columns lines are in the file.
    /// **Throws** ``AnalysisError``, `LinearAlgebraError`.
    package func run(
        _ path: String, rows: Int, columns: Int, step: (DenoiseStep, Double?) -> Void = { _, _ in }
    ) async throws -> DenoiseReport {
        let start = ContinuousClock.now
        step(.reading, nil)
        let (store, range) = try MatrixCSV.read(
            path, rows: rows, columns: columns, inMemory: false, environment: environment)
        let plan = try MemoryPlan(
            limit: settings.memory, sampleBytes: 8 * store.pixelCount * store.sliceCount, rows: store.pixelCount,
            slices: store.sliceCount, levelCount: settings.fractions.count + 2,
            patchSlices: settings.method == .mppca ? settings.patch.slices : 0, storesOutput: true,
            cores: settings.cores, subject: path)
        let denoising = Denoising(store, range: range, settings: settings, plan: plan)
        var outcome = try await denoising.decompose { step($0, nil) }
        let folder = try OutputFolder(destination.folder + "/matrix")
        do {
            let output = try await denoised(denoising, &outcome, step: step)
            step(.writing, nil)
            let files = ResultFiles(
                denoising, outcome, window: nil, title: "matrix: \(rows) x \(columns) x \(store.sliceCount)")
            try files.write(to: folder)
            if destination.factors { try await files.writeFactors(to: folder) }
            if let output { try MatrixCSV.write(output, to: folder.place("denoised.csv")) }
            var report = DenoiseReport(
                series: nil, settings: settings, recipe: RecipeIdentity(settings.recipe), plan: plan, outcome: outcome,
                runID: nil, folder: folder.path, output: nil)
            report.seconds = (ContinuousClock.now - start) / .seconds(1)
            try folder.write(Array(report.json.text.utf8), to: "report.json")
            try folder.finish()
            return report
        } catch {
            folder.discard()
            throw error
        }
    }

    /// The level that would be stored, as a matrix of doubles.
    private func denoised(
        _ denoising: Denoising, _ outcome: inout Denoising.Outcome, step: (DenoiseStep, Double?) -> Void
    ) async throws -> SampleStore? {
        let source = denoising.store
        func makeStore() throws -> SampleStore {
            try SampleStore(
                rows: source.rows, columns: source.columns, types: source.types, rescales: source.rescales,
                inMemory: denoising.plan.outputIsInMemory, environment: environment)
        }
        if settings.method == .mppca {
            let store = try makeStore()
            step(.patches, 0)
            try await denoising.denoisePatches(into: store, adding: &outcome)
            if settings.output == .patches { return store }
        }
        let level = outcome.levels.first { level in
            switch (settings.output, level.kind) {
            case (.automatic, .automatic): true
            case (.fraction(let wanted), .fraction(let fraction)): wanted == fraction
            default: false
            }
        }
        guard let level else { return nil }
        let store = try makeStore()
        step(.reconstructing, nil)
        try await denoising.reconstruct(outcome.factors, rank: level.keptCount, into: store)
        return store
    }
}
