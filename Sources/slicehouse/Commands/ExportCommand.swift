import ArgumentParser
import Catalogue
import Foundation
import ImageFiles
import Imaging
import Warehouse

struct ExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Write what the warehouse holds as files.",
        subcommands: [ExportPNGCommand.self, SheetCommand.self])
}

struct SheetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sheet",
        abstract: "A contact sheet of slices with the outlines of their masks, as one PNG.",
        discussion: """
            EXAMPLES
              slicehouse export sheet --out lesions.png
              slicehouse export sheet --series 4711 --window -600,1500 --out lung.png
            """)

    @OptionGroup var database: DatabaseOptions

    @Option(name: .long, help: "PNG to write.")
    var out: String

    @Option(
        name: .long,
        help: ArgumentHelp(
            "series_id or Series Instance UID, may be repeated; without it, slices with something marked on them.",
            valueName: "series"))
    var series: [String] = []

    @Option(name: .long, help: "Slices to show.")
    var count = 24

    @Option(
        name: .long, parsing: .unconditional,
        help: ArgumentHelp("Window for CT values in HU.", valueName: "centre,width"))
    var window = "40,120"

    @Option(name: .long, help: "Side of a tile in pixels.")
    var tile = 224

    func validate() throws {
        guard (1...400).contains(count) else { throw ValidationError("--count: between 1 and 400.") }
        guard (32...1024).contains(tile) else { throw ValidationError("--tile: between 32 and 1024.") }
        _ = try WindowText(window).level()
    }

    func run() async throws {
        let builder = SheetBuilder(window: try WindowText(window).level(), sheet: ContactSheet(tileSide: tile))
        let raster = try await database.withWarehouse { warehouse in
            try await warehouse.withConnection { connection in
                let ids = try await NamedSeries.ids(series, option: "--series", on: connection)
                return try await builder.build(
                    ids.isEmpty ? .marked(limit: count) : .series(ids: ids, limit: count), on: connection)
            }
        }
        do {
            try AtomicOutput.write(try PNGCodec.encode(raster), to: out)
        } catch {
            Terminal.say("slicehouse: \(out): \(error)")
            throw Failure.inputOutput
        }
        Terminal.put("\(out): \(raster.columns) × \(raster.rows)")
    }
}
