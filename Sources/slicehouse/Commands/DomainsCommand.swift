import ArgumentParser
import DICOM
import Foundation
import Ingestion
import SQLInterface
import Warehouse

struct DomainsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "domains",
        abstract: "What labels say: how often each answer was given, and the dirty tail.",
        discussion: """
            EXAMPLES
              slicehouse domains
              slicehouse domains condition_on_file
              slicehouse domains --tail
              slicehouse domains --attribute PatientSex
              slicehouse domains clean --preview
            """,
        subcommands: [DomainListCommand.self, DomainCleanCommand.self],
        defaultSubcommand: DomainListCommand.self)
}

struct DomainListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Counts, share and cumulative coverage of every answer.", shouldDisplay: false)

    @Argument(help: "Domain to show; without it, all of them.")
    var domain: String?

    @OptionGroup var database: DatabaseOptions

    @Flag(name: .long, help: "Only raw values that no rule understood, or that are rare, with an example of each.")
    var tail = false

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Count the values of a header attribute: a keyword, (gggg,eeee), or a part of a keyword.", valueName: "name"
        ))
    var attribute: String?

    @Option(name: .long, help: "table, csv or json.")
    var format: RowFormat = .table

    func run() async throws {
        if let attribute { return try await countAttribute(attribute) }
        let view = tail ? "label_tail" : "label_domain_summary"
        let condition: SQL = domain.map { "domain_name = \($0)" } ?? "1 = 1"
        let rows = try await database.rows("SELECT * FROM \(identifier: view) WHERE \(sql: condition)")
        if rows.isEmpty, let domain { throw try await unknown(domain) }
        Terminal.put(TextTable(format: format).text(rows))
    }

    private func unknown(_ domain: String) async throws -> CommandError {
        let known = try await database.rows("SELECT name FROM label_domain ORDER BY name").map {
            try $0.get("name", as: String.self)
        }
        return CommandError(
            known.isEmpty
                ? "There are no labels yet; ingest a data set with label tables first."
                : "\(domain): nothing to show; the domains are \(known.joined(separator: ", ")).")
    }

    // MARK: Header attributes

    private func countAttribute(_ name: String) async throws {
        let tags = try tags(named: name)
        try await database.withWarehouse { warehouse in
            let query = try warehouse.library.query(named: "attribute_counts", engine: warehouse.engine)
            for tag in tags {
                let rows = try await warehouse.withConnection {
                    try await $0.rows(try query.sql(setting: ["path": tag.hexadecimal]))
                }
                if format == .table { Terminal.put("\(tag) \(DICOMDictionary.keyword(of: tag) ?? "")") }
                Terminal.put(TextTable(format: format).text(rows))
            }
        }
    }

    private func tags(named name: String) throws -> [DICOMTag] {
        let digits = name.filter { !"(),".contains($0) }
        if digits.count == 8, let number = UInt32(digits, radix: 16) { return [DICOMTag(number: number)] }
        guard let tag = DICOMDictionary.tag(of: name) else {
            throw CommandError(
                "\(name): the DICOM dictionary has no attribute of this keyword; write PatientSex or (0010,0040).")
        }
        return [tag]
    }
}

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
                Terminal.put("Every label is clean under the rules of the vocabularies; nothing changes.")
            }
        }
    }
}
