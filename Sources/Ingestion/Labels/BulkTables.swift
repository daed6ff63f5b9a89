internal import SQLInterface
internal import Warehouse

/// The tables that the rows of one large source go into.
struct BulkTables: Sendable {
    let connection: any WarehouseConnection
    let source: Int64

    /// A table to load.
    struct Target: Sendable {
        let name: String
        /// Whether its indexes are made when it is full.
        let isBare: Bool
    }

    /// Calls the body with the tables to load, in order.
    ///
    /// In PostgreSQL these are new partitions without indexes, which become parts of their tables afterwards: functions
    /// of the schema make them, since a loader may not. In SQLite the indexes are taken away and made anew, one sort each
    /// instead of a search for each row; where the tables hold more than what comes they stay.
    ///
    /// - Parameter rowCount: How many rows come, about.
    func fill(_ tables: [String], rowCount: Int, _ body: ([Target]) async throws -> Void) async throws {
        switch connection.engine {
        case .postgresql: try await fillPartitions(of: tables, body)
        case .sqlite:
            let bare = try await smaller(tables, than: rowCount)
            let targets = tables.map { Target(name: $0, isBare: bare.contains($0)) }
            // The sorting of indexes is fastest with the small cache: its pieces then fit into the processor's.
            try await SecondaryIndexes(of: bare, on: connection).withoutThem {
                guard bare.count < tables.count else { return try await body(targets) }
                // For the pages of the indexes that stay.
                try await connection.withPageCache(kibibytes: 192 * 1024) { try await body(targets) }
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

    private func fillPartitions(of tables: [String], _ body: ([Target]) async throws -> Void) async throws {
        var partitions: [Target] = []
        for table in tables {
            let rows = try await connection.rows("SELECT begin_source_partition(\(table), \(source)) AS name")
            partitions.append(Target(name: try rows[0].get("name"), isBare: true))
        }
        try await body(partitions)
        for table in tables {
            _ = try await connection.rows("SELECT end_source_partition(\(table), \(source))")
        }
    }
}
