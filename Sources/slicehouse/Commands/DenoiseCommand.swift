import Analysis
import ArgumentParser
import CanonicalJSON
import Catalogue
import Datasets
import Foundation
import Imaging
import Ingestion
import LinearAlgebra
import SQLInterface
import Warehouse

struct DenoiseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "denoise",
        abstract:
            "Take noise out of CT series by singular value decomposition, and store the result as a derived series.",
        usage: "slicehouse denoise SERIES... [OPTIONS]",
        discussion: """
            A series is a matrix, one row a voxel of the slice and one column a slice. Its small singular values are \
            mostly noise. exact computes all of them; randomized a given number; mppca does the same in overlapping \
            patches, each with its own noise. What is kept is chosen by --rule, or one of the fractions of --levels is \
            dropped. All levels are shown side by side; --store says which one becomes a derived series.

            Each series gets a folder of pictures and tables, series-ID-RECIPE, and its derived DICOM files lie in dicom/. A \
            series that was denoised before by the same recipe is left alone. One that fails, or does not exist, does not \
            stop the rest (exit code 65). Series of few values in flat regions, as segmentations are, have no noise: \
            --dataset skips them, and whoever names one gets it.

            EXAMPLES
              slicehouse denoise 4711
              slicehouse denoise --dataset physionet-ct-ich@1.3.1 --method mppca --memory 2G
              slicehouse denoise 4711 --method randomized --rank 245 --oversampling 15 --power-iterations 1 --store none
              slicehouse denoise --csv s.csv --shape 512x512 --rank 245 --store 0.1
            """)

    @Argument(help: "series_id or Series Instance UID.")
    var series: [String] = []

    @OptionGroup var database: DatabaseOptions

    @Option(
        name: .long,
        help: "All image series of this data set (name or name@version) that can be denoised and are not derived.")
    var dataset: String?

    @Option(name: .long, help: ArgumentHelp("Folder for the results.", valueName: "folder"))
    var out = "denoised"

    @Option(name: .long, help: "exact, randomized or mppca.")
    var method = "exact"

    @Option(name: .long, help: "Singular values to compute (default: all; randomized: 245). Capped at the slices.")
    var rank: Int?

    @Option(name: .long, help: "Further random columns of randomized.")
    var oversampling = 15

    @Option(name: .long, help: "Power iterations of randomized.")
    var powerIterations = 1

    @Option(name: .long, help: "Seed of the random numbers.")
    var seed: UInt64 = 0

    @Option(name: .long, help: ArgumentHelp("Fractions of the values to drop.", valueName: "list"))
    var levels = "0.001,0.01,0.05,0.1,0.3"

    @Option(name: .long, help: "How the automatic rank is chosen: gavish-donoho or marchenko-pastur.")
    var rule = "gavish-donoho"

    @Option(name: .long, help: "Noise level for the rule: image, spectrum, or a standard deviation.")
    var noise = "image"

    @Option(name: .long, help: "Values of the matrix: rescaled (HU for CT) or stored.")
    var values = "rescaled"

    @Option(name: .long, help: "Level to store: auto, one of the fractions, mppca (its default), or none.")
    var store: String?

    @Option(name: .long, help: ArgumentHelp("Patch of mppca: side, slices, step.", valueName: "side,slices,step"))
    var patch = "8,32,4"

    @Option(name: .long, help: ArgumentHelp("Memory to use, such as 256M or 2G.", valueName: "bytes"))
    var memory = "1G"

    @Option(name: .long, help: "Slice of the pictures, from 0 (default: the middle one).")
    var slice: Int?

    @Option(
        name: .long, parsing: .unconditional,
        help: ArgumentHelp("Window of the pictures.", valueName: "centre,width"))
    var window: String?

    @Flag(name: .long, help: "Also write s.npy, u.npy and v.npy.")
    var factors = false

    @Flag(name: .long, help: "Also write the matrix as s.csv.")
    var matrix = false

    @Option(
        name: .long, help: ArgumentHelp("Denoise a matrix in a file like s.csv instead of a series.", valueName: "file")
    )
    var csv: String?

    @Option(name: .long, help: ArgumentHelp("Rows and columns of the slices of --csv.", valueName: "rowsxcolumns"))
    var shape: String?

    @Flag(name: .long, help: "Denoise again what was denoised by the same recipe.")
    var again = false

    @OptionGroup var format: FormatOptions

    func validate() throws {
        do {
            _ = try settings()
        } catch let error as AnalysisError {
            throw ValidationError("\(error)")
        }
        guard (csv == nil) == (shape == nil) else {
            throw ValidationError("--csv and --shape go together: the file does not say how wide a slice is.")
        }
        guard csv == nil || (series.isEmpty && dataset == nil) else {
            throw ValidationError("--csv takes the place of series; give one or the other.")
        }
        guard csv != nil || !series.isEmpty || dataset != nil else {
            throw ValidationError("Name at least one series, or --dataset; slicehouse series lists what is stored.")
        }
        if shape != nil, parsedShape == nil { throw ValidationError("--shape: write rows x columns, such as 512x512.") }
    }

    func run() async throws {
        if let csv, let shape = parsedShape { return try await denoise(csv, rows: shape.0, columns: shape.1) }
        let settings = try settings()
        var failures = 0
        try await database.withWarehouse(.write(create: false)) { warehouse in
            let choice = try await DenoiseChoice(series, dataset: dataset, in: warehouse)
            for (name, error) in choice.unknown {
                failures += 1
                fail(error, name)
            }
            let run = denoising(settings, warehouse)
            let progress = DenoiseProgress(total: choice.series.count, isQuiet: format.json)
            for chosen in choice.series {
                try Task.checkCancellation()
                let id = chosen.id
                do {
                    let result = try await progress.follow(id) { step in
                        try await run.run(seriesID: id, isNamed: chosen.isNamed, step: step)
                    }
                    show(result, id)
                } catch let error as AnalysisError where error.isAboutOneSeries {
                    failures += 1
                    fail(error, id)
                } catch let error as LinearAlgebraError {
                    failures += 1
                    fail(error, id)
                } catch let error as IngestionError where error.code == .unreadable {
                    failures += 1
                    fail(error, id)
                }
            }
            let count = choice.series.count + choice.unknown.count
            if failures > 0, count > 1 { Terminal.say("\(failures) of \(count) series were not denoised.") }
        }
        if failures > 0 { throw Failure.someRejected }
    }

    // MARK: The work

    private func denoising(_ settings: DenoiseSettings, _ warehouse: Warehouse) -> SeriesDenoising {
        let environment = ProcessInfo.processInfo.environment
        let ingest = DerivedIngest(
            Ingest(
                into: warehouse, environment: environment, observer: ProgressLine(isQuiet: true),
                version: Slicehouse.version, clock: Self.now),
            into: warehouse)
        let workers = settings.cores
        return SeriesDenoising(
            warehouse, settings: settings, destination: destination, environment: environment,
            version: Slicehouse.version, clock: Self.now
        ) { derived in
            try await ingest.run(
                derived.path, seriesInstanceUID: derived.seriesInstanceUID, derivation: Derivation(derived.source),
                workers: workers)
        }
    }

    private var destination: SeriesDenoising.Destination {
        var destination = SeriesDenoising.Destination(folder: out)
        destination.factors = factors
        destination.matrix = matrix
        destination.again = again
        return destination
    }

    private func denoise(_ file: String, rows: Int, columns: Int) async throws {
        let run = MatrixDenoising(
            settings: try settings(), destination: destination, environment: ProcessInfo.processInfo.environment)
        let report = try await run.run(file, rows: rows, columns: columns)
        Terminal.put(format.json ? report.json.text : DenoiseText(report).text)
    }

    // MARK: Options

    private func settings() throws -> DenoiseSettings {
        var options = DenoiseOptions()
        options.method = method
        options.rank = rank
        options.oversampling = oversampling
        options.powerIterations = powerIterations
        options.seed = seed
        options.fractions = try numbers(levels, "--levels")
        options.rule = rule
        options.noise = noise
        options.values = values
        options.store = store
        options.patch = try parsedPatch()
        options.memory = try parsedMemory()
        options.cores = max(1, ProcessInfo.processInfo.activeProcessorCount)
        options.slice = slice
        options.window = try window.map { try WindowText($0).level() }
        return try options.resolve()
    }

    private func numbers(_ text: String, _ option: String) throws -> [Double] {
        let parts = text.split(separator: ",", omittingEmptySubsequences: false)
        let numbers = parts.compactMap { Double($0.filter { $0 != " " }) }
        guard numbers.count == parts.count || text.isEmpty else {
            throw AnalysisError(.badOption, "\(option) \(text)", "it is a list of numbers with commas between them")
        }
        return numbers
    }

    private func parsedPatch() throws -> PatchOptions {
        let parts = patch.split(separator: ",").compactMap { Int($0) }
        guard parts.count == 3 else {
            throw AnalysisError(.badOption, "--patch \(patch)", "write side, slices and step, such as 8,32,4")
        }
        return PatchOptions(side: parts[0], slices: parts[1], step: parts[2])
    }

    private func parsedMemory() throws -> Int {
        let units: [Character: Int] = ["K": 1 << 10, "M": 1 << 20, "G": 1 << 30]
        let last = memory.uppercased().last ?? "0"
        let digits = units[last] == nil ? memory : String(memory.dropLast())
        guard let count = Int(digits), count > 0, count < 1 << 24 || units[last] == nil else {
            throw AnalysisError(.badOption, "--memory \(memory)", "write a number of bytes, or one with K, M or G")
        }
        return count * (units[last] ?? 1)
    }

    private var parsedShape: (Int, Int)? {
        let parts = (shape ?? "").lowercased().split(separator: "x").compactMap { Int($0) }
        guard parts.count == 2, parts.allSatisfy({ (1...65_535).contains($0) }) else { return nil }
        return (parts[0], parts[1])
    }

    // MARK: Results

    private func show(_ result: SeriesDenoising.Result, _ id: Int64) {
        switch result {
        case .done(let report): Terminal.put(format.json ? report.json.text : DenoiseText(report).text)
        case .known(let runID):
            let value: JSONValue = ["series_id": .string(String(id)), "known_run_id": .string(String(runID))]
            Terminal.put(
                format.json
                    ? value.text
                    : "series \(id): denoised before by the same recipe, analysis run \(runID), so nothing was written; --again does it again, into --out"
            )
        case .skipped(let reason):
            let value: JSONValue = ["series_id": .string(String(id)), "skipped": .string(reason)]
            Terminal.put(format.json ? value.text : "series \(id): skipped, \(reason)")
        }
    }

    /// A name that no series has.
    private func fail(_ error: CatalogueError, _ name: String) {
        Terminal.say("slicehouse: \(error)")
        if format.json {
            let value: JSONValue = ["series": .string(name), "error": .string("\(error)")]
            Terminal.put(value.text)
        }
    }

    private func fail(_ error: any Error, _ id: Int64) {
        Terminal.say("slicehouse: series \(id) was not denoised: \(reason(of: error, id))")
        if format.json {
            let value: JSONValue = ["series_id": .string(String(id)), "error": .string("\(error)")]
            Terminal.put(value.text)
        }
    }

    /// Most errors are about the series, which the sentence has named already.
    private func reason(of error: any Error, _ id: Int64) -> String {
        guard let error = error as? AnalysisError, error.subject == "series \(id)" else { return "\(error)" }
        return error.reason + "."
    }

    private static let now: @Sendable () -> SQLTimestamp = {
        SQLTimestamp(microseconds: Int64(Date().timeIntervalSince1970 * 1_000_000))
    }
}

extension AnalysisError {
    /// Others (a full disk, a bad option) would meet the next series too.
    fileprivate var isAboutOneSeries: Bool {
        switch code {
        case .unsuitable, .damaged, .memory, .notFound: true
        case .badOption: subject.hasPrefix("--slice")
        case .inputOutput: false
        }
    }
}

extension Derivation {
    fileprivate init(_ source: AnalysedSeries) {
        self.init(
            datasetName: source.dataset.name, datasetVersion: source.dataset.version, adapter: source.dataset.adapter,
            isClinical: source.dataset.patientKeyKind == "clinical", patientKey: source.patientKey,
            studyKey: source.studyKey, studyInstanceUID: source.studyInstanceUID,
            source: SeriesSource(seriesID: source.seriesID))
    }
}
