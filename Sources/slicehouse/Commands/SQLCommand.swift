import ArgumentParser
import SQLInterface
import Warehouse

struct SQLCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sql",
        abstract: "Run a query: one of the named ones, or SQL as typed.",
        discussion: """
            EXAMPLES
              slicehouse sql --list
              slicehouse sql positive_slices_by_type
              slicehouse sql slices_of_patient --set patient_key=049
              slicehouse sql "SELECT count(*) FROM slice" --format csv
            """)

    @Argument(help: "Name of a query or view, or a statement.")
    var query: String?

    @OptionGroup var database: DatabaseOptions

    @Option(name: .long, help: ArgumentHelp("Value of a parameter; may be repeated.", valueName: "name=value"))
    var set: [String] = []

    @Flag(name: .long, help: "List the named queries with their parameters.")
    var list = false

    @Option(name: .long, help: "table, csv or json.")
    var format: RowFormat = .table

    func validate() throws {
        if query == nil, !list { throw ValidationError("Name a query, or use --list to see them.") }
        for setting in set where !setting.contains("=") {
            throw ValidationError("--set \(setting): write name=value.")
        }
    }

    func run() async throws {
        try await database.withWarehouse { warehouse in
            if list { return try show(warehouse) }
            let statement = try statement(in: warehouse)
            let rows = try await warehouse.withConnection { try await $0.rows(statement) }
            if !rows.columns.isEmpty { Terminal.put(TextTable(format: format).text(rows)) }
        }
    }

    private func statement(in warehouse: Warehouse) throws -> SQL {
        let text = query ?? ""
        if text.contains(where: \.isWhitespace) { return SQL(raw: text) }
        let settings = Dictionary(
            set.compactMap { setting in
                setting.firstIndex(of: "=").map {
                    (String(setting[..<$0]), String(setting[setting.index(after: $0)...]))
                }
            }, uniquingKeysWith: { _, last in last })
        return try warehouse.library.query(named: text, engine: warehouse.engine).sql(setting: settings)
    }

    private func show(_ warehouse: Warehouse) throws {
        for name in warehouse.library.queryNames(engine: warehouse.engine) {
            let query = try warehouse.library.query(named: name, engine: warehouse.engine)
            Terminal.put("\(name)\n    \(query.title)")
            for parameter in query.parameters {
                Terminal.put("    --set \(parameter.name)=\(parameter.defaultSQL)  \(parameter.note)")
            }
        }
    }
}

extension RowFormat: ExpressibleByArgument {}
