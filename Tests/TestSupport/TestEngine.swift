internal import Foundation
package import SQLInterface
package import Warehouse

/// The engines that this run can test: PostgreSQL with `Tests/throwaway-postgresql -- swift test`.
package enum TestEngine {
    package static let url = ProcessInfo.processInfo.environment["SLICEHOUSE_TEST_POSTGRESQL"] ?? ""
    package static let available: [WarehouseEngine] = url.isEmpty ? [.sqlite] : [.sqlite, .postgresql]
    package static let hasPostgreSQL = !url.isEmpty
    package static let isMissing = "SLICEHOUSE_TEST_POSTGRESQL is not set: run Tests/throwaway-postgresql -- swift test"

    /// The server's URL for another user or database, or with another option behind it.
    package static func url(user: String? = nil, database: String? = nil, options: [String] = []) -> String {
        var text = url
        if let user { text = text.replacingOccurrences(of: "://slicehouse@", with: "://\(user)@") }
        if let database { text = text.replacingOccurrences(of: "/postgres?", with: "/\(database)?") }
        return ([text] + options).joined(separator: "&")
    }
}

/// An empty place for a warehouse of either engine, with what a test asks of it.
package struct TestWarehouse: Sendable {
    package let location: WarehouseLocation
    /// What `--database` takes.
    package let url: String
    package var engine: WarehouseEngine { location.engine }

    /// Runs the body with a place of its own, removed afterwards.
    package static func with<R>(_ engine: WarehouseEngine, _ body: (TestWarehouse) async throws -> R) async throws -> R
    {
        switch engine {
        case .sqlite:
            let folder = try TemporaryFolder()
            return try await body(try TestWarehouse(url: "sqlite:" + folder.path("w.sqlite")))
        case .postgresql:
            let schema = "t_" + UUID().uuidString.lowercased().filter { $0 != "-" }
            let place = try TestWarehouse(url: TestEngine.url(options: ["schema=" + schema]))
            do {
                let result = try await body(place)
                try await place.dropSchema()
                return result
            } catch {
                try? await place.dropSchema()
                throw error
            }
        }
    }

    package init(url: String) throws {
        self.url = url
        location = try WarehouseLocation(parsing: url)
    }

    /// Opens for the length of the body.
    package func open<R>(
        _ access: Warehouse.Access = .read, migration: Warehouse.Migration = .createOnly,
        limits: SQLiteLimits = SQLiteLimits(), _ body: (Warehouse) async throws -> R
    ) async throws -> R {
        let warehouse = try await Warehouse.open(location, access: access, migration: migration, options: limits)
        do {
            let result = try await body(warehouse)
            try? await warehouse.close()
            return result
        } catch {
            try? await warehouse.close()
            throw error
        }
    }

    package func rows(_ sql: SQL) async throws -> RowSet {
        try await open { warehouse in try await warehouse.withConnection { try await $0.rows(sql) } }
    }

    /// The first value of the first row, as a number.
    package func count(_ sql: SQL) async throws -> Int? {
        let rows = try await rows(sql)
        return try rows.first?.get(at: 0)
    }

    /// Offending rows of `sql/checks`, one line a check; empty while every promise holds.
    package func brokenPromises() async throws -> [String] {
        try await open { warehouse in
            var broken: [String] = []
            for check in warehouse.sqlLibrary.checks(engine: warehouse.engine) {
                let rows = try await warehouse.withConnection { try await $0.rows(try check.sql()) }
                if let first = rows.first { broken.append("\(check.name): \(rows.count) rows, the first is \(first)") }
            }
            return broken
        }
    }

    /// Runs statements as they are, whether there is a schema or not.
    package func script(_ text: String) async throws {
        try await open(.write(create: false), migration: .ignore) { warehouse in
            try await warehouse.withConnection(.write) { try await $0.executeScript(text, name: nil) }
        }
    }

    /// Drops everything on PostgreSQL; SQLite files go with their folder.
    package func dropSchema() async throws {
        guard case .postgresql(_, let schema) = location.store else { return }
        try await script("DROP SCHEMA IF EXISTS \(SQL.quoted(schema)) CASCADE")
    }
}
