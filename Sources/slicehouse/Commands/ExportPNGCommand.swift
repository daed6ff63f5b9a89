import ArgumentParser
import CanonicalJSON
import Catalogue
import Foundation
import ImageFiles
import Imaging
import SQLInterface
import Warehouse

struct ExportPNGCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "png",
        abstract: "Slices as PNG files by a recipe, with an index.csv that says what each is.",
        discussion: """
            RECIPES
              window      the VOI LUT of the header, else its first window; or --window
              percentile  from one percentile to another, of the frame or the series
              minmax      from the least to the greatest value
              minmax0     stored values, max(v, 0) / max * 255, truncated
              png16       stored values in 16 bits, exactly; signed ones + 32768

            Grey recipes work on rescaled values and turn MONOCHROME1 over once; minmax0 and png16 take stored \
            values as they are. Pixel Padding counts for no percentile, minimum or maximum, unless less than two \
            values are left without it. Colour is written as RGB. The tree of a published data set is mirrored; \
            elsewhere names are made of ids. Recipe and source stand in each file (tEXt) and in index.csv. A second \
            run writes the same bytes.

            EXAMPLES
              slicehouse export png pictures/ --dataset physionet-ct-ich
              slicehouse export png pictures/ --series 4711 --window 40,80
              slicehouse export png exact/ --recipe png16 --query positives.sql
            """)

    @Argument(help: "Folder to write to.")
    var folder: String

    @OptionGroup var database: DatabaseOptions

    @Option(name: .long, help: "window, percentile, minmax, minmax0 or png16.")
    var recipe = "window"

    @Option(
        name: .long, parsing: .unconditional,
        help: ArgumentHelp("Window in rescaled values, instead of the header's.", valueName: "centre,width"))
    var window: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "LINEAR, LINEAR_EXACT or SIGMOID, instead of the header's; needs --window.", valueName: "name"))
    var function: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Percentiles of the recipe percentile, as NumPy's inverted_cdf (default: 1,99).", valueName: "low,high"))
    var percentiles: String?

    @Option(name: .long, help: "Over which values percentile and minmax look: frame or series.")
    var scope = "frame"

    @Option(name: .long, help: "Only this data set, name or name@version.")
    var dataset: String?

    @Option(name: .long, help: "Only this patient key.")
    var patient: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Only this series: series_id or Series Instance UID; may be repeated.", valueName: "series"))
    var series: [String] = []

    @Option(name: .long, help: "Only this modality.")
    var modality: String?

    @Option(
        name: .long,
        help: "Only series of this role: image, mask, localizer or all (default: image, or what --query chooses).")
    var role: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Only the slice_id (or series_id) of a query: its name, SQL, or a file .sql.", valueName: "query"))
    var query: String?

    @Flag(name: .long, help: "Names of ids, even where the source tree is public.")
    var ids = false

    @Option(name: .long, help: ArgumentHelp("zlib's level, 0 to 9 (default: what is fast).", valueName: "level"))
    var compression: Int?

    @OptionGroup var format: FormatOptions

    func validate() throws {
        _ = try parsedRecipe()
        if let role, !["image", "mask", "localizer", "all"].contains(role) {
            throw ValidationError("--role \(role): image, mask, localizer or all.")
        }
        guard percentiles == nil || recipe == "percentile" else {
            throw ValidationError("--percentiles belongs to --recipe percentile.")
        }
        guard (0...9).contains(compression ?? 0) else { throw ValidationError("--compression: between 0 and 9.") }
    }

    func run() async throws {
        let recipe = try parsedRecipe()
        let progress = CountLine(verb: "exported", unit: "slices", isQuiet: format.json)
        let start = ContinuousClock.now
        let summary = try await database.withWarehouse { warehouse in
            let export = PNGExport(
                from: warehouse, selection: try await selection(warehouse), recipe: recipe, to: folder,
                options: options)
            return try await pictures(export, progress)
        }
        progress.finish()
        if summary.written == 0, summary.skipped.isEmpty {
            throw CommandError("No slice fits all that was asked; slicehouse series lists what is stored.")
        }
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        Terminal.put(format.json ? json(summary, seconds) : text(summary, seconds))
        if !summary.skipped.isEmpty { throw Failure.someRejected }
    }

    private func pictures(_ export: PNGExport, _ progress: CountLine) async throws -> PNGExport.Summary {
        do {
            return try await export.run { progress.show(done: $0, total: $1) }
        } catch let error as ImageFileError where error.code == .unwritable {
            Terminal.say("slicehouse: \(folder): the pictures cannot be written there: \(error.reason).")
            throw Failure.inputOutput
        }
    }

    private var options: PNGExport.Options {
        var options = PNGExport.Options()
        options.workers = max(1, ProcessInfo.processInfo.activeProcessorCount)
        options.compression = compression
        options.usesIDs = ids
        return options
    }

    // MARK: What to write

    private func parsedRecipe() throws -> RenderRecipe {
        guard let scope = RenderRecipe.Scope(rawValue: scope) else {
            throw ValidationError("--scope \(scope): frame or series.")
        }
        guard window == nil || recipe == "window", function == nil || window != nil else {
            throw ValidationError("--window belongs to the recipe window, and --function to --window.")
        }
        switch recipe {
        case "window": return .window(try parsedWindow())
        case "percentile":
            guard let ends = pair(percentiles ?? "1,99"), 0 <= ends.0, ends.0 < ends.1, ends.1 <= 100 else {
                throw ValidationError("--percentiles \(percentiles ?? ""): write two numbers, such as 1,99.")
            }
            return .percentile(lower: ends.0, upper: ends.1, scope: scope)
        case "minmax": return .minmax(scope: scope)
        case "minmax0": return .minmax0
        case "png16": return .lossless16
        default:
            let nearest = SQLLibrary.nearest(to: recipe, among: RenderRecipe.names).map { "; did you mean \($0)?" }
            throw ValidationError(
                "--recipe \(recipe): the recipes are \(RenderRecipe.names.joined(separator: ", "))\(nearest ?? ".")")
        }
    }

    private func parsedWindow() throws -> RenderRecipe.Window? {
        guard let window else { return nil }
        let level = try WindowText(window).level()
        guard let function else { return RenderRecipe.Window(level: level) }
        guard let known = WindowLevel.Function(rawValue: function) else {
            throw ValidationError("--function \(function): LINEAR, LINEAR_EXACT or SIGMOID.")
        }
        return RenderRecipe.Window(level: level, function: known)
    }

    private func pair(_ text: String) -> (Double, Double)? {
        let parts = text.split(whereSeparator: { $0 == "," || $0 == "/" }).compactMap { Double($0) }
        return parts.count == 2 ? (parts[0], parts[1]) : nil
    }

    private func selection(_ warehouse: Warehouse) async throws -> ExportSelection {
        var selection = ExportSelection()
        selection.dataset = dataset.map { DatasetChoice($0) }
        selection.patient = patient
        selection.modality = modality
        selection.role = role == "all" ? nil : role ?? (query == nil ? "image" : nil)
        selection.series = try await warehouse.withConnection { connection in
            try await selection.dataset?.check(on: connection)
            return try await chosenSeries(of: selection.role, on: connection)
        }
        if let query { selection.query = try await SliceQuery(query).resolved(in: warehouse) }
        return selection
    }

    /// Of a UID all series: `--role` says which of them. **Throws** where a series has another role.
    private func chosenSeries(of role: String?, on connection: any WarehouseConnection) async throws -> [Int64] {
        var ids: [Int64] = []
        for name in series {
            let found = try await NamedSeries.find(name, option: "--series", on: connection)
            let fitting = found.filter { role == nil || $0.role == role }
            if fitting.isEmpty, let other = found.first?.role {
                throw CommandError("--series \(name): its role is \(other); --role \(other) exports it.")
            }
            ids += fitting.map(\.seriesID)
        }
        return ids
    }

    // MARK: The end

    private func text(_ summary: PNGExport.Summary, _ seconds: Double) -> String {
        let rate = Int(Double(summary.written) / max(0.001, seconds))
        var lines = [
            "\(summary.written) pictures in \(folder), recipe \(recipe) (\(summary.recipe.sha256.prefix(12))); "
                + String(format: "%.1f s, %d/s", seconds, rate)
        ]
        if summary.overwritten > 0 {
            lines.append("  written over: \(summary.overwritten) pictures of another recipe that stood there")
        }
        for (reason, count) in summary.skipped.sorted(by: { $0.key < $1.key }) {
            let series = seriesNames(summary.skippedSeries[reason] ?? [])
            lines.append("  without a picture: \(count) × \(reason) \(series)")
        }
        return lines.joined(separator: "\n")
    }

    private func seriesNames(_ series: [Int64]) -> String {
        let limit = PNGExport.Summary.namedSeriesLimit
        let names = series.prefix(limit).map(String.init).joined(separator: ", ")
        return series.count > limit ? "(series \(names) and others; index.csv names all)" : "(series \(names))"
    }

    private func json(_ summary: PNGExport.Summary, _ seconds: Double) -> String {
        let value: JSONValue = [
            "folder": .string(folder), "written": .integer(summary.written),
            "overwritten": .integer(summary.overwritten),
            "skipped": .object(summary.skipped.mapValues { .integer($0) }), "recipe": summary.recipe.json,
            "recipe_sha256": .string(summary.recipe.sha256), "seconds": .number(seconds),
        ]
        return value.text
    }
}

/// A query that chooses slices: named, typed, or in a file.
private struct SliceQuery {
    private let text: String

    init(_ text: String) { self.text = text }

    func resolved(in warehouse: Warehouse) async throws -> ExportSelection.Query {
        let sql = try statement(in: warehouse)
        let columns = try await warehouse.withConnection {
            try await $0.rows("SELECT * FROM (\(sql: sql)\n) AS chosen LIMIT 1").columns
        }
        guard let column = ["slice_id", "series_id"].first(where: columns.contains) else {
            throw CommandError("The query returns neither slice_id nor series_id; select one of them.")
        }
        return ExportSelection.Query(sql, column: column)
    }

    private func statement(in warehouse: Warehouse) throws -> SQL {
        if text.hasSuffix(".sql"), !text.contains(where: \.isNewline) {
            guard let bytes = FileManager.default.contents(atPath: text) else {
                throw CommandError("\(text): the file cannot be read; check the path.")
            }
            return SQL(raw: withoutEnd(String(decoding: bytes, as: UTF8.self)))
        }
        if text.contains(where: \.isWhitespace) { return SQL(raw: withoutEnd(text)) }
        let named = try warehouse.sqlLibrary.query(named: text, engine: warehouse.engine).sql()
        return SQL(file: withoutEnd(named.text), parameters: named.parameters)
    }

    /// A statement inside another has no semicolon.
    private func withoutEnd(_ text: String) -> String {
        var text = text[...]
        while let last = text.last, last.isWhitespace || last == ";" { text.removeLast() }
        return String(text)
    }
}
