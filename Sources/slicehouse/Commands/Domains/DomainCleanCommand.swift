import ArgumentParser
import Ingestion
import Warehouse

struct DomainCleanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "clean",
        abstract: "Derive label values again with the rules of the vocabulary files; no image is read.",
        discussion: """
            Raw values are kept for ever; rules are versions, and an earlier one can be chosen again.

            EXAMPLES
              slicehouse domains clean --preview
              slicehouse domains clean
            """)

    @OptionGroup var database: DatabaseOptions

    @Option(name: .long, help: "Vocabulary to apply (default: every one whose domains have labels).")
    var vocabulary: String?

    @Flag(name: .long, help: "Show what would change, and change nothing.")
    var preview = false

    func run() async throws {
        try await database.withWarehouse(.write(create: false)) { warehouse in
            let recleaning = Recleaning(warehouse: warehouse)
            let changes =
                preview
                ? try await recleaning.preview(vocabulary: vocabulary)
                : try await recleaning.apply(vocabulary: vocabulary)
            for change in changes { Terminal.put(change.description) }
            if changes.isEmpty {
                Terminal.put("Each label has the value that the rules of the vocabularies give it; nothing changes.")
            }
        }
    }
}
