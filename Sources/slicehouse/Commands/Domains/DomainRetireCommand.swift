import ArgumentParser
import Catalogue
import Ingestion
import SQLInterface
import Warehouse

struct DomainRetireCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retire",
        abstract: "Take a file of labels or marks out of force, with author and reason, or back with --restore.",
        discussion: """
            What it says is kept and no longer counts, in domains, queries and new training sets. It stays out when \
            its file is read again; a corrected version of the file is a source of its own, and counts. Corrections by \
            hand of its labels hold for the other files of the same table.

            EXAMPLES
              slicehouse domains sources
              slicehouse domains retire hemorrhage_diagnosis --dataset physionet-ct-ich@1.3.1 \\
                --author "A. Reader" --reason "read again by two people"
              slicehouse domains retire hemorrhage_diagnosis --dataset physionet-ct-ich@1.3.1 --restore \\
                --author "A. Reader" --reason "the second reading is of other images"
            """)

    @Argument(help: "Source, by its id or, where it is the only file of its table, by name.")
    var source: String

    @OptionGroup var database: DatabaseOptions

    @Option(name: .long, help: "Data set of the source, name or name@version.")
    var dataset: String?

    @Flag(name: .long, help: "Take the retirement back.")
    var restore = false

    @OptionGroup var word: AuthorOptions

    func run() async throws {
        try await database.withWarehouse(.write(create: false)) { warehouse in
            let sources = LabelSources(
                warehouse: warehouse, observer: ProgressLine(isQuiet: false), clock: { .now() })
            let choice = dataset.map { DatasetChoice($0) }
            let chosen = try only(await sources.find(source, in: choice))
            let said = LabelSources.Word(author: word.author, reason: word.reason)
            let outcome: String
            if restore {
                let counts = try await sources.restore(chosen, by: said)
                outcome = counts ? "counts again" : "is restored, and superseded: no file holds it any longer"
            } else {
                try await sources.retire(chosen, by: said)
                outcome = "no longer counts; what it says is kept"
            }
            Terminal.put("\(chosen.name.visible) of \(chosen.dataset.visible) (\(chosen.id)) \(outcome).")
        }
    }

    /// Of several files of one name those that can be meant: to be retired, those that count.
    private func only(_ found: [LabelSources.Source]) throws -> LabelSources.Source {
        let meant = found.count > 1 ? found.filter { $0.isActive != restore } : found
        guard !meant.isEmpty else {
            throw CommandError(
                found.isEmpty
                    ? "\(source): no file of labels or marks has this name or id; slicehouse domains sources lists them."
                    : "\(source): \(restore ? "all" : "none") of its \(found.count) files count; see slicehouse domains "
                        + "sources.")
        }
        guard meant.count == 1 else {
            let list = meant.prefix(10).map { "\($0.id) (\($0.name) of \($0.dataset))" }.joined(separator: ", ")
            throw CommandError(
                "\(source): \(meant.count) files have this name; name one by its id, which slicehouse domains sources "
                    + "lists with its folder: \(list).")
        }
        return meant[0]
    }
}
