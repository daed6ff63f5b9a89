import ArgumentParser
import Catalogue
import DICOM
import Foundation
import Ingestion
import SQLInterface
import Warehouse

struct DomainListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Counts, share and cumulative coverage of every answer; runs where no other verb is named.")

    @Argument(help: "Domain to show; without it, all of them.")
    var domain: String?

    @OptionGroup var database: DatabaseOptions

    @Flag(
        name: .long,
        help: "Only what is rare: raw values that no rule understood, or values beyond the frequent 99%.")
    var tail = false

    @Option(name: .long, help: ArgumentHelp("Count the values of a header attribute.", valueName: "name"))
    var attribute: String?

    @Option(name: .long, help: "With --attribute, only this data set, name or name@version.")
    var dataset: String?

    @Option(name: .long, help: "With --attribute, values to show of each; 0 for all (default: 40 in tables).")
    var limit: Int?

    @Option(name: .long, help: "table, csv or json.")
    var format: RowFormat = .table

    func validate() throws {
        guard attribute == nil || domain == nil else {
            throw ValidationError("Name a domain or an --attribute, not both.")
        }
        guard attribute != nil || (dataset == nil && limit == nil) else {
            throw ValidationError("--dataset and --limit belong to --attribute.")
        }
    }

    func run() async throws {
        if let attribute { return try await countAttribute(attribute) }
        let view = tail ? "label_tail" : "label_domain_summary"
        let condition: SQL = domain.map { "domain_name = \($0)" } ?? "1 = 1"
        // People get what fits a terminal; programs get every column of the view.
        let columns = format == .table && !tail ? Self.summaryColumns : "*"
        let rows = try await database.rows("SELECT \(sql: columns) FROM \(identifier: view) WHERE \(sql: condition)")
        if rows.isEmpty, let domain { throw try await unknown(domain) }
        Terminal.put(rows, as: format)
    }

    private static let summaryColumns: SQL = """
        domain_name AS domain, level,
        CASE WHEN status = 'clean' AND term_name IS NULL THEN value_kind ELSE term_name END AS answer, status,
        label_count AS labels, patient_count AS patients, share, cumulative_share AS coverage
        """

    private func unknown(_ domain: String) async throws -> CommandError {
        let known = try await database.rows("SELECT name FROM label_domain ORDER BY name").map {
            try $0.get("name", as: String.self)
        }
        let waiting = try await waitingCount(of: domain)
        guard waiting == 0 else {
            let labels = waiting == 1 ? "1 label waits for its image" : "\(waiting) labels wait for their images"
            return CommandError("\(domain): nothing to show yet; \(labels), which the warehouse does not have.")
        }
        return CommandError(
            known.isEmpty
                ? "There are no labels yet; ingest a data set with label tables first."
                : "\(domain): nothing to show; the domains are \(known.joined(separator: ", ")).")
    }

    /// Labels of images that are not here, of sources that count.
    private func waitingCount(of domain: String) async throws -> Int {
        try await database.rows(
            """
            SELECT count(*) AS label_count FROM label_unresolved
            INNER JOIN label_domain ON label_domain.label_domain_id = label_unresolved.label_domain_id
            INNER JOIN label_source ON label_source.label_source_id = label_unresolved.label_source_id
            WHERE label_domain.name = \(domain) AND label_source.is_active
            """)[0].get("label_count")
    }

    // MARK: Header attributes

    private func countAttribute(_ name: String) async throws {
        let limit = limit ?? (format == .table ? 40 : 0)
        try await database.withWarehouse { warehouse in
            try await warehouse.withConnection { connection in
                let counts = AttributeCounts(
                    query: try warehouse.sqlLibrary.query(named: "attribute_counts", engine: warehouse.engine),
                    connection: connection)
                if let dataset { try await DatasetChoice(dataset).check(on: connection) }
                let attributes = try await counts.attributes(named: name)
                guard !attributes.isEmpty else { throw CommandError(AttributeCounts.unknown(name)) }
                var all: [RowSet] = []
                var namesNoMaker = false
                for attribute in attributes {
                    let rows = try await counts.rows(
                        of: attribute, dataset: dataset, fromShare: tail ? 0.99 : 0, limit: limit)
                    namesNoMaker = namesNoMaker || attribute.removedNamesNoMaker(in: rows)
                    if format == .table { show(attribute, rows) } else { all.append(attribute.labelling(rows)) }
                }
                if let first = all.first {
                    let joined = RowSet(columns: first.columns, rows: all.flatMap(\.rows))
                    Terminal.put(joined, as: format)
                }
                if namesNoMaker { Terminal.say(CountedAttribute.removedSentence) }
            }
        }
    }

    private func show(_ attribute: CountedAttribute, _ rows: RowSet) {
        let count: Int = (try? rows.first?.get("value_count")) ?? 0
        let shown = rows.count < count ? ", \(rows.count) shown" : ""
        let summary = tail && rows.isEmpty ? "no rare answers" : "\(count) different answers\(shown)"
        Terminal.put("\(attribute.title.visible): \(summary)")
        let columns = rows.columns.firstIndex(of: "value_count").map { Array(0..<$0) } ?? []
        let table = RowSet(
            columns: columns.map { rows.columns[$0] }, rows: rows.rows.map { row in columns.map { row[$0] } })
        Terminal.put(table, as: .table)
        Terminal.put("")
    }
}
