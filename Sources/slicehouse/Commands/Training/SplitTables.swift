import SQLInterface
import Training
import Warehouse

/// Tables about splits and training sets that stand as queries in `sql/queries`.
enum SplitTables {
    static func rows(
        of query: String, _ settings: [String: String] = [:], in warehouse: Warehouse
    ) async throws -> RowSet {
        let statement = try warehouse.sqlLibrary.query(named: query, engine: warehouse.engine).sql(setting: settings)
        return try await warehouse.withConnection { try await $0.rows(statement) }
    }

    /// **Throws** `notFound`, with the nearest name.
    static func folds(of name: String, in warehouse: Warehouse) async throws -> RowSet {
        let rows = try await rows(of: "split_folds", ["split_name": name], in: warehouse)
        if rows.isEmpty {
            try await warehouse.withConnection { _ = try await StoredSplit.named(name, on: $0) }
        }
        return rows
    }

    /// Names of the folds that nobody is in.
    static func emptyFolds(_ folds: RowSet) throws -> [String] {
        try folds.filter { try $0.get("unit_count", as: Int.self) == 0 }.map { try $0.get("fold") }
    }
}
