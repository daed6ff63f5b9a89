internal import SQLInterface
internal import Warehouse

/// The tables that the rows of one large source go into.
struct BulkTables: Sendable {
    let connection: any WarehouseConnection
    let source: Int64

    /// Calls the body with the names of the tables to load, in order.
    ///
    /// In PostgreSQL these are new partitions without indexes, which become parts of their tables afterwards: functions
    /// of the schema make them, since a loader may not. In SQLite the indexes are taken away and made anew, one sort each
    /// instead of a search for each row; where the tables hold more than what comes they stay.
    ///
    /// - Parameter rowCount: How many rows come, about.
    func fill(_ tables: [String], rowCount: Int, _ body: ([String]) async throws -> Void) async throws {
        switch connection.engine {
        case .postgresql: try await fillPartitions(of: tables, body)
        case .sqlite:
            let indexes = try await SecondaryIndexes(of: smaller(tables, than: rowCount), on: connection)
            // For the pages of the indexes that stay.
            try await indexes.withoutThem {
                try await connection.withPageCache(kibibytes: 192 * 1024) { try await body(tables) }
            }
        }
    }

    private func smaller(_ tables: [String], than rowCount: Int) async throws -> [String] {
        var smaller: [String] = []
        for table in tables {
            let rows = try await connection.rows(
                "SELECT count(*) FROM (SELECT 1 FROM \(identifier: table) LIMIT \(rowCount))")
            if try rows[0].get(at: 0, as: Int.self) < rowCount { smaller.append(table) }
        }
        return smaller
    }

    private func fillPartitions(of tables: [String], _ body: ([String]) async throws -> Void) async throws {
        var names: [String] = []
        for table in tables {
            let rows = try await connection.rows("SELECT begin_source_partition(\(table), \(source)) AS name")
            names.append(try rows[0].get("name"))
        }
        try await body(names)
        for table in tables {
            _ = try await connection.rows("SELECT end_source_partition(\(table), \(source))")
        }
    }
}
