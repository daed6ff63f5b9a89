internal import SQLInterface
internal import Warehouse

/// Indexes of SQLite tables that no constraint makes: the schema's own `CREATE INDEX` and `CREATE UNIQUE INDEX` statements.
struct SecondaryIndexes: Sendable {
    private let connection: any WarehouseConnection
    private let statements: [(name: String, sql: String)]

    init(of tables: [String], on connection: any WarehouseConnection) async throws {
        self.connection = connection
        var statements: [(String, String)] = []
        for table in tables {
            let rows = try await connection.rows(
                """
                SELECT name, sql FROM sqlite_master
                WHERE type = 'index' AND sql IS NOT NULL AND tbl_name = \(table) ORDER BY name
                """)
            statements += try rows.map { (try $0.get("name"), try $0.get("sql")) }
        }
        self.statements = statements
    }

    /// Part of the caller's transaction: where it is rolled back, the indexes are back too.
    func withoutThem(_ body: () async throws -> Void) async throws {
        for (name, _) in statements { try await connection.execute("DROP INDEX \(identifier: name)") }
        try await body()
        // One thread sorts while the other reads the table.
        try await connection.executeScript("PRAGMA threads = 2", name: "PRAGMA")
        for (name, sql) in statements { try await connection.executeScript(sql, name: name) }
        try await connection.executeScript("PRAGMA threads = 0", name: "PRAGMA")
    }
}
