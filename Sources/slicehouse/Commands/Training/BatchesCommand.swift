import ArgumentParser
import ImageFiles
import Imaging
import Training
import Warehouse

struct BatchesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "batches",
        abstract: "Look at what a model will see.",
        discussion: """
            EXAMPLES
              slicehouse batches preview ich
            """,
        subcommands: [BatchesPreviewCommand.self])
}

struct BatchesPreviewCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "preview",
        abstract: "A sheet of samples with the outlines of their masks and spheres, and a table of folds and labels.",
        discussion: """
            Samples are shown as the recipe makes them, augmented as in --epoch: the first channel of the middle slice, \
            from its smallest value to its greatest; of spheres the slice through the largest. They may differ in \
            shape, as volumes do.

            EXAMPLES
              slicehouse batches preview ich --out ich.png
              slicehouse batches preview ich@1 --fold test --no-augment
              slicehouse batches preview ich5 --fold all-but:fold-0
            """)

    @Argument(help: "name@version, or the name for the latest version.")
    var name: String

    @OptionGroup var database: DatabaseOptions

    @Option(name: .long, help: "PNG to write.")
    var out = "preview.png"

    @Option(
        name: .long,
        help: "Fold to show, or several: fold-1+fold-2, all-but:fold-0 (default: the first that has samples).")
    var fold: String?

    @Option(name: .long, help: "Samples to show.")
    var count = 24

    @Option(name: .long, help: "Seed of choice and augmentation.")
    var seed: Int64 = 0

    @Option(name: .long, help: "Epoch of the augmentation, from 0.")
    var epoch = 0

    @Flag(name: .long, help: "Show samples as they are.")
    var noAugment = false

    @Option(name: .long, help: "Side of a tile in pixels.")
    var tile = 224

    @OptionGroup var format: FormatOptions

    func validate() throws {
        guard (1...400).contains(count) else { throw ValidationError("--count: between 1 and 400.") }
        guard (32...1024).contains(tile) else { throw ValidationError("--tile: between 32 and 1024.") }
        guard (0...Int(UInt32.max)).contains(epoch) else { throw ValidationError("--epoch: from 0.") }
    }

    func run() async throws {
        try await database.withWarehouse { warehouse in
            try await warehouse.withConnection { connection in
                let set = try await StoredTrainingSet.whole(name, on: connection)
                let folds = try await set.foldTable(on: connection)
                let shown = fold ?? set.folds.first { !folds.emptyFolds.contains($0) } ?? ""
                let raster = try await BatchPreview(set).sheet(
                    fold: shown, count: count, seed: seed, epoch: noAugment ? nil : epoch, tileSide: tile,
                    on: connection)
                do {
                    try AtomicOutput.write(try PNGCodec.encode(raster), to: out)
                } catch {
                    Terminal.say("slicehouse: \(out): \(error)")
                    throw Failure.inputOutput
                }
                Terminal.put(folds.rows, as: format.rowFormat)
                if !format.json { Terminal.put("\(out): \(raster.columns) × \(raster.rows), fold \(shown)") }
            }
        }
    }
}
