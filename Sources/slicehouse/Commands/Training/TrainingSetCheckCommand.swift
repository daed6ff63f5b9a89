import ArgumentParser
import Training
import Warehouse

struct TrainingSetCheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Look whether a set is still what was frozen, and whether anything leaks.",
        discussion: """
            Ends with 65 where the set can no longer be trusted: its rows, slices, labels or marks changed, two of its \
            patients turned out to be one person in two folds, or its query fails; other sets are looked at all the \
            same. What new data would change is only counted.

            EXAMPLES
              slicehouse training-set check
              slicehouse training-set check ich@1 --json
            """)

    @Argument(help: "name@version, or the name for the latest version; all where none is named.")
    var name: String?

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var format: FormatOptions

    func run() async throws {
        let findings = try await database.withWarehouse { try await TrainingSetAudit($0).run(name) }
        try AuditAnswer(findings, of: "training_set").give(as: format)
    }
}
