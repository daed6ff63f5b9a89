import ArgumentParser
import Foundation
import SQLInterface
import Warehouse

struct SQLCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sql",
        abstract: "Run a query: one of the named ones, or SQL as typed.",
        usage: "slicehouse sql QUERY [--set NAME=VALUE]... [OPTIONS]",
        discussion: """
            A query reads; what writes rows, files or settings is refused. Write -- before SQL that begins with a comment. A named query \
            has a default for each of its parameters and runs with those that --set does not name; --list shows them.

            EXAMPLES
              slicehouse sql --list
              slicehouse sql positive_slices_by_type
              slicehouse sql slices_of_patient --set patient_key=049
              slicehouse sql "SELECT count(*) FROM slice" --format csv
              slicehouse sql cohort.sql --format json
            """)

    @Argument(help: "Name of a query or view, a statement, or a file .sql that holds one.")
    var query: String?

    @OptionGroup var database: DatabaseOptions

    @Option(name: .long, help: ArgumentHelp("Value of a parameter; may be repeated.", valueName: "name=value"))
    var set: [String] = []

    @Flag(name: .long, help: "List the named queries with their parameters, the defaults of these, and what they mean.")
    var list = false

    @Option(name: .long, help: "table, csv or json (JSON Lines: one object a row).")
    var format: RowFormat = .table

    func validate() throws {
        if query == nil, !list { throw ValidationError("Name a query, or use --list to see them.") }
        for setting in set where !setting.contains("=") {
            throw ValidationError("--set \(setting): write name=value.")
        }
    }

    func run() async throws {
        if list { return try putList() }
        try await database.withWarehouse { warehouse in
            let rows = try await rows(of: try statement(in: warehouse), in: warehouse)
            try checkColumns(rows)
            if !rows.columns.isEmpty { Terminal.put(rows, as: format) }
        }
    }

    private static let refusal = CommandError(
        "The statement writes or opens another file, and slicehouse sql only reads; use sqlite3 or psql to "
            + "change rows or copy the warehouse.")

    /// What a user typed is never our fault, whatever the database makes of it.
    private func rows(of statement: SQL, in warehouse: Warehouse) async throws -> RowSet {
        do {
            return try await warehouse.withConnection { try await $0.rowsAlone(statement) }
        } catch let failure as any DatabaseFailure {
            switch failure.kind {
            case .readOnly: throw Self.refusal
            case .misuse, .other, .uniqueViolation, .foreignKeyViolation, .checkViolation, .notNullViolation:
                throw CommandError("\(failure)")
            default: throw failure
            }
        }
    }

    /// A JSON object has one member of a name.
    private func checkColumns(_ rows: RowSet) throws {
        let names = Dictionary(grouping: rows.columns, by: \.self).filter { $0.value.count > 1 }.keys.sorted()
        guard format == .json, let name = names.first else { return }
        throw CommandError("Two columns are called \(name), which JSON cannot tell apart; name them with AS.")
    }

    private func statement(in warehouse: Warehouse) throws -> SQL {
        let text = query ?? ""
        // No name has any of these.
        if text.isEmpty || text.hasSuffix(".sql") || text.contains(where: { $0.isWhitespace || $0 == ";" }) {
            guard set.isEmpty else {
                throw CommandError("--set gives values to named queries; write them into the statement itself.")
            }
            return try single(typed(text))
        }
        let settings = Dictionary(
            set.compactMap { setting in
                setting.firstIndex(of: "=").map {
                    (String(setting[..<$0]), String(setting[setting.index(after: $0)...]))
                }
            }, uniquingKeysWith: { _, last in last })
        let named = try warehouse.sqlLibrary.query(named: text, engine: warehouse.engine)
        let statement = try named.sql(setting: settings)
        sayDefaults(of: named, besides: settings)
        return statement
    }

    /// People learn what a query could be asked; programs asked for csv or json.
    private func sayDefaults(of query: NamedQuery, besides settings: [String: String]) {
        let defaults = query.parameters.filter { settings[$0.name] == nil }.map { "\($0.name)=\($0.defaultSQL)" }
        guard format == .table, !defaults.isEmpty else { return }
        Terminal.say(
            "\(query.name) runs with \(defaults.joined(separator: ", ")); --set NAME=VALUE changes that, and "
                + "slicehouse sql --list says what it means.")
    }

    private func single(_ text: String) throws(CommandError) -> SQL {
        do throws(TypedStatement.Problem) { return SQL(raw: try TypedStatement(text).text) } catch {
            throw error == .writes ? Self.refusal : CommandError("\(error)")
        }
    }

    private func typed(_ text: String) throws -> String {
        guard text.hasSuffix(".sql"), !text.contains(where: \.isNewline) else { return text }
        guard let bytes = FileManager.default.contents(atPath: text) else {
            throw CommandError("\(text): the file cannot be read; check the path.")
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The queries are files of the program: no warehouse has to be there.
    private func putList() throws {
        let engine = try database.location().engine
        let library = try SQLLibrary.locate()
        let queries = try library.queryNames(engine: engine).map { try library.query(named: $0, engine: engine) }
        if format == .table { show(queries) } else { Terminal.put(listed(queries), as: format) }
    }

    /// One row per query and parameter, and one for a query that has none.
    private func listed(_ queries: [NamedQuery]) -> RowSet {
        let rows = queries.flatMap { query -> [[SQLValue]] in
            let front: [SQLValue] = [.text(query.name), .text(query.title)]
            let parameters: [[SQLValue]] = query.parameters.map {
                [.text($0.name), .text($0.defaultSQL), .text($0.note)]
            }
            return (parameters.isEmpty ? [[.null, .null, .null]] : parameters).map { front + $0 }
        }
        return RowSet(columns: ["query", "title", "parameter", "default_sql", "meaning"], rows: rows)
    }

    private func show(_ queries: [NamedQuery]) {
        for query in queries {
            Terminal.put("\(query.name)\n    \(query.title)")
            for parameter in query.parameters {
                Terminal.put("    --set \(parameter.name)=\(parameter.defaultSQL)  \(parameter.note)")
            }
        }
    }
}

extension RowFormat: ExpressibleByArgument {}
