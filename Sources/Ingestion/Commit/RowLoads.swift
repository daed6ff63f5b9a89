internal import SQLInterface
internal import Warehouse

/// Rows on their way into several tables, loaded table by table in the order in which tables were first named.
struct RowLoads: Sendable {
    private struct Load: Sendable {
        let table: String
        let columns: [String]
        var rows: [[SQLValue]]
    }
    private var loads: [Load] = []

    mutating func add(_ rows: [[SQLValue]], columns: [String], to table: String) {
        guard !rows.isEmpty else { return }
        if let index = loads.firstIndex(where: { $0.table == table }) {
            loads[index].rows += rows
        } else {
            loads.append(Load(table: table, columns: columns, rows: rows))
        }
    }

    func write(on connection: any WarehouseConnection) async throws {
        for load in loads {
            try await connection.load(table: load.table, columns: load.columns, rows: load.rows)
        }
    }
}
