internal import CanonicalJSON
internal import Catalogue
internal import Foundation
internal import ImageFiles
internal import Imaging
internal import LinearAlgebra
package import SQLInterface
package import Warehouse

/// Denoises one series of a warehouse: reads it, writes the files, stores the derived series and the rows of the run.
package struct SeriesDenoising: Sendable {
    private let warehouse: Warehouse
    private let settings: DenoiseSettings
    private let destination: Destination
    private let environment: [String: String]
    private let version: String
    private let ledger: AnalysisLedger
    private let register: Registration

    /// Brings a folder of derived files into the warehouse and returns the id of their series.
    package typealias Registration = @Sendable (_ derived: DerivedFolder) async throws -> Int64

    /// Files of a derived series that wait to be ingested.
    package struct DerivedFolder: Sendable {
        package let path: String
        package let seriesInstanceUID: String
        package let source: AnalysedSeries
    }

    /// Where files go.
    package struct Destination: Sendable {
        package var folder: String
        package var factors = false
        package var matrix = false
        /// Do it again although a run with the same input and recipe is complete.
        package var again = false

        package init(folder: String) { self.folder = folder }

        /// Whether an earlier run left these very files.
        func hasFiles(_ wanted: JSONValue, in folder: String) -> Bool {
            guard let bytes = FileManager.default.contents(atPath: folder + "/report.json"),
                let report = try? JSONValue(parsing: String(decoding: bytes, as: UTF8.self))
            else { return false }
            return report["files"] == wanted
        }
    }

    package enum Result: Sendable {
        case done(DenoiseReport)
        /// The same was done before, by the run of this number.
        case known(runID: Int64)
        /// There is no noise to take away, and nobody asked for this series by name.
        case skipped(String)
    }

    package init(
        _ warehouse: Warehouse, settings: DenoiseSettings, destination: Destination, environment: [String: String],
        version: String, clock: @escaping @Sendable () -> SQLTimestamp, register: @escaping Registration
    ) {
        self.warehouse = warehouse
        self.settings = settings
        self.destination = destination
        self.environment = environment
        self.version = version
        self.register = register
        ledger = AnalysisLedger(warehouse, version: version, clock: clock)
    }

    /// - Parameters:
    ///   - isNamed: Somebody wants this very series, so it is done even where it looks like a label map.
    ///   - step: Hears what is being done, and how far it is (0 to 1) where that is known.
    /// **Throws** ``AnalysisError``, `LinearAlgebraError`, failures of the database; the run is then marked as failed or
    /// interrupted, and no file of it is left under its final name.
    package func run(
        seriesID: Int64, isNamed: Bool = true, step: @escaping (DenoiseStep, Double?) -> Void = { _, _ in }
    ) async throws -> Result {
        let start = ContinuousClock.now
        let series = try await warehouse.withConnection { try await AnalysedSeries(seriesID: seriesID, on: $0) }
        let reader = VolumeReader(series, rescaled: settings.usesRescale)
        try reader.check()
        let recipe = RecipeIdentity(settings.recipe)
        if !destination.again, destination.hasFiles(wanted, in: folder(of: series, recipe)),
            let runID = try await ledger.completedRun(of: series, recipe: recipe)
        {
            return .known(runID: runID)
        }
        let labelCount = isNamed ? nil : try await warehouse.withConnection { try await reader.labelCount(on: $0) }
        if let count = labelCount {
            return .skipped(
                "it has \(count) values in flat regions, as label maps have, and no noise; name the series to denoise it "
                    + "all the same")
        }
        let plan = try memoryPlan(for: reader)
        let entry = try await ledger.begin(series, kind: settings.method == .mppca ? "mppca" : "svd", recipe: recipe)
        do {
            let times = StepTimes()
            var report = try await work(reader, plan: plan, recipe: recipe, entry: entry) {
                times.enter($0)
                step($0, $1)
            }
            times.enter(nil)
            report.steps = times.seconds
            report.seconds = (ContinuousClock.now - start) / .seconds(1)
            return .done(report)
        } catch {
            await ledger.end(entry, status: error is CancellationError || Task.isCancelled ? "interrupted" : "failed")
            throw error
        }
    }

    /// Of pictures and tables.
    private func folder(of series: AnalysedSeries, _ recipe: RecipeIdentity) -> String {
        destination.folder + "/series-\(series.seriesID)-\(recipe.sha256.prefix(8))"
    }

    /// What the recipe does not say of the files.
    private var wanted: JSONValue {
        [
            "slice": settings.slice.map { .integer($0) } ?? .null,
            "window": settings.window.map { ["center": .number($0.center), "width": .number($0.width)] } ?? .null,
            "factors": .boolean(destination.factors), "matrix": .boolean(destination.matrix),
        ]
    }

    private func memoryPlan(for reader: VolumeReader) throws -> MemoryPlan {
        let series = reader.series
        let pixels = series.rows * series.columns
        return try MemoryPlan(
            limit: settings.memory, sampleBytes: SampleStore.byteCount(pixelCount: pixels, types: reader.types),
            rows: pixels, slices: series.slices.count, levelCount: settings.fractions.count + 2,
            patchSlices: settings.method == .mppca ? settings.patch.slices : 0,
            storesOutput: settings.output != .none, cores: settings.cores, subject: series.name)
    }

    private func work(
        _ reader: VolumeReader, plan: MemoryPlan, recipe: RecipeIdentity, entry: AnalysisLedger.Entry,
        step: @escaping (DenoiseStep, Double?) -> Void
    ) async throws -> DenoiseReport {
        let series = reader.series
        step(.reading, 0)
        let store = try reader.makeStore(inMemory: plan.inputIsInMemory, environment: environment)
        let range = try await warehouse.withConnection { connection in
            try await reader.read(into: store, on: connection) {
                step(.reading, Double($0) / Double(series.slices.count))
            }
        }
        let denoising = Denoising(store, range: range, settings: settings, plan: plan)
        var outcome = try await denoising.decompose { step($0, nil) }
        let derived = try await derive(denoising, &outcome, series: series, step: step)
        step(.writing, nil)
        let folder = try OutputFolder(self.folder(of: series, recipe))
        do {
            try FolderMark.mark(folder.place(""))
            try await writeFiles(denoising, outcome, series: series, folder: folder)
            let output = try await storeDerived(derived, outcome, series: series, recipe: recipe, step: step)
            let report = DenoiseReport(
                series: series, settings: settings, recipe: recipe, plan: plan, outcome: outcome, runID: entry.runID,
                folder: folder.path, output: output, withheld: withheld(outcome), files: wanted)
            try folder.write(Array(report.json.text.utf8), to: "report.json")
            try folder.finish()
            step(.storing, nil)
            try await ledger.complete(
                entry, values: outcome.factors.values, levels: outcome.levels, result: report.result,
                output: output.map { ($0.levelIndex, $0.seriesID) })
            return report
        } catch {
            folder.discard()
            throw error
        }
    }

    private func writeFiles(
        _ denoising: Denoising, _ outcome: Denoising.Outcome, series: AnalysedSeries, folder: OutputFolder
    ) async throws {
        let files = ResultFiles(
            denoising, outcome, window: series.slices[outcome.shownSlice].window,
            title: "\(series.name): \(series.rows) x \(series.columns) x \(series.slices.count)")
        try files.write(to: folder)
        if destination.factors { try await files.writeFactors(to: folder) }
        if destination.matrix { try MatrixCSV.write(denoising.store, to: folder.place("s.csv")) }
    }

    // MARK: Derived series

    private struct Derived {
        let store: SampleStore
        let format: DerivedFormat
        let level: Int
    }

    private func derive(
        _ denoising: Denoising, _ outcome: inout Denoising.Outcome, series: AnalysedSeries,
        step: @escaping (DenoiseStep, Double?) -> Void
    ) async throws -> Derived? {
        let format = DerivedFormat(series, usesRescale: settings.usesRescale, range: denoising.range)
        func makeStore() throws -> SampleStore {
            try format.makeStore(
                rows: series.rows, columns: series.columns, inMemory: denoising.plan.outputIsInMemory,
                environment: environment)
        }
        var patches: SampleStore?
        if settings.method == .mppca {
            let store = try makeStore()
            step(.patches, 0)
            try await denoising.denoisePatches(into: store, adding: &outcome) {
                step(.patches, Double($0) / Double(series.slices.count))
            }
            patches = store
        }
        guard let level = outcome.levels.firstIndex(where: { isStored($0) }),
            !outcome.isUnchanged(by: outcome.levels[level])
        else { return nil }
        if settings.output == .patches, let patches { return Derived(store: patches, format: format, level: level) }
        step(.reconstructing, nil)
        let store = try makeStore()
        try await denoising.reconstruct(outcome.factors, rank: outcome.levels[level].keptCount, into: store)
        return Derived(store: store, format: format, level: level)
    }

    private func isStored(_ level: LevelResult) -> Bool {
        switch (settings.output, level.kind) {
        case (.automatic, .automatic), (.patches, .patches): true
        case (.fraction(let wanted), .fraction(let fraction)): wanted == fraction
        default: false
        }
    }

    /// Why there is no derived series although one was asked for.
    private func withheld(_ outcome: Denoising.Outcome) -> String? {
        guard let level = outcome.levels.first(where: { isStored($0) }), outcome.isUnchanged(by: level) else {
            return nil
        }
        return "level \(level.name) drops nothing, so its series would be a copy; --store names "
            + (level.kind == .patches ? "another one" : "another one, and --method mppca may find noise")
    }

    private func storeDerived(
        _ derived: Derived?, _ outcome: Denoising.Outcome, series: AnalysedSeries, recipe: RecipeIdentity,
        step: (DenoiseStep, Double?) -> Void
    ) async throws -> DenoiseReport.Output? {
        guard let derived else { return nil }
        let headers = try await warehouse.withConnection { try await SourceHeaders(of: series, on: $0) }
        let level = outcome.levels[derived.level]
        let writer = DerivedSeriesWriter(
            series, headers: headers, format: derived.format, recipeSHA256: recipe.sha256,
            description: "Denoised, \(level.name)", derivation: derivation(level, outcome, series, recipe),
            version: version)
        let folder = try OutputFolder(
            destination.folder + "/dicom/series-\(series.seriesID)-\(recipe.sha256.prefix(8))")
        do {
            try writer.write(derived.store, to: folder.place(""))
            try folder.finish()
        } catch {
            folder.discard()
            throw error
        }
        step(.storing, nil)
        let seriesID = try await register(
            DerivedFolder(path: folder.path, seriesInstanceUID: writer.seriesInstanceUID, source: series))
        return DenoiseReport.Output(
            levelIndex: derived.level, seriesID: seriesID, seriesInstanceUID: writer.seriesInstanceUID,
            folder: folder.path)
    }

    private func derivation(
        _ level: LevelResult, _ outcome: Denoising.Outcome, _ series: AnalysedSeries, _ recipe: RecipeIdentity
    ) -> String {
        let what =
            level.kind == .patches
            ? "MP-PCA over patches of \(settings.patch.side) x \(settings.patch.side) pixels and "
                + "\(min(settings.patch.slices, series.slices.count)) slices"
            : "truncated singular value decomposition (\(outcome.factors.route.rawValue)), \(level.keptCount) of "
                + "\(outcome.factors.values.count) values kept"
        return "Denoised by slicehouse \(version): \(what). Source series_id \(series.seriesID), revision "
            + "\(series.revision); recipe SHA-256 \(recipe.sha256)."
    }
}
