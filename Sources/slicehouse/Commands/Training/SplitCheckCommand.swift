import ArgumentParser
import Training
import Warehouse

struct SplitCheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Look whether every identity is in one fold, and every fold is what it should be.",
        discussion: """
            Ends with 65 where a promise is broken: two patients of one split turned out to be one person, or rows were \
            changed. Patients without a fold are only counted.

            EXAMPLES
              slicehouse split check
              slicehouse split check ich --json
            """)

    @Argument(help: "Name of the split; all where none is named.")
    var name: String?

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var format: FormatOptions

    func run() async throws {
        let findings = try await database.withWarehouse { try await SplitAudit($0).run(name) }
        try AuditAnswer(findings, of: "split").give(as: format)
    }
}
