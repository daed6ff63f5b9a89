internal import SQLInterface
internal import Warehouse

/// The tables that the rows of one large source go into.
struct BulkTables: Sendable {
    let connection: any WarehouseConnection
    let source: Int64

    /// KiB that the pages of indexes may take in SQLite meanwhile; half of what those of RSNA 2019 need.
    private static let cacheSize = 192 * 1024

    /// Calls the body with the names of the tables to load, in order.
    ///
    /// In PostgreSQL these are new partitions without indexes, which become parts of their tables afterwards: functions
    /// of the schema make them, since a loader may not.
    func fill(_ tables: [String], _ body: ([String]) async throws -> Void) async throws {
        switch connection.engine {
        case .postgresql: try await fillPartitions(of: tables, body)
        case .sqlite: try await withLargeCache { try await body(tables) }
        }
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

    private func withLargeCache(_ body: () async throws -> Void) async throws {
        let size: Int = try await connection.rows("PRAGMA cache_size")[0].get("cache_size")
        try await connection.executeScript("PRAGMA cache_size = -\(Self.cacheSize)", name: "PRAGMA")
        do {
            try await body()
        } catch {
            try? await connection.executeScript("PRAGMA cache_size = \(size)", name: "PRAGMA")
            throw error
        }
        try await connection.executeScript("PRAGMA cache_size = \(size)", name: "PRAGMA")
    }
}
