import ArgumentParser
import Catalogue
import SQLInterface
import Warehouse

struct DomainSourcesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sources",
        abstract: "List the files, headers and people that labels and marks come from, and which of them count.",
        discussion: """
            A source counts until the file that it was read from is corrected (superseded) or a person takes it out \
            (retired). Two files of one table that answer the same questions both count, which is nearly always a \
            mistake; see slicehouse domains retire.

            EXAMPLES
              slicehouse domains sources
              slicehouse domains sources --dataset physionet-ct-ich@1.3.1
            """)

    @OptionGroup var database: DatabaseOptions

    @Option(name: .long, help: "Only this data set, name or name@version.")
    var dataset: String?

    @Option(name: .long, help: "table, csv or json.")
    var format: RowFormat = .table

    func run() async throws {
        let rows = try await database.withWarehouse { warehouse in
            try await warehouse.withConnection { connection in
                if let dataset { try await DatasetChoice(dataset).check(on: connection) }
                let query = try warehouse.sqlLibrary.query(named: "label_sources", engine: warehouse.engine)
                return try await connection.rows(try query.sql(setting: dataset.map { ["dataset_name": $0] } ?? [:]))
            }
        }
        Terminal.put(rows, as: format)
    }
}
