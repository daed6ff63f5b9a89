internal import SQLInterface

/// The tables in which a database remembers its migrations and views.
struct MigrationLedger {
    struct View: Sendable, Hashable {
        let name: String
        let sha256: String
    }

    let connection: any WarehouseConnection

    func exists() async throws -> Bool {
        let sql: SQL =
            switch connection.engine {
            case .sqlite: "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'schema_migration'"
            case .postgresql: "SELECT 1 WHERE to_regclass('schema_migration') IS NOT NULL"
            }
        guard try await connection.rows(sql).isEmpty else { return true }
        if connection.engine == .postgresql { try await checkPrivilege() }
        return false
    }

    /// A schema that the user may not look into seems empty. **Throws** `permission` for it.
    private func checkPrivilege() async throws {
        let closed = try await connection.rows(
            """
            SELECT nspname AS name FROM pg_namespace
            WHERE nspname = btrim(current_setting('search_path'), '"') AND NOT has_schema_privilege(oid, 'USAGE')
            """)
        guard let schema = try closed.first?.get("name", as: String.self) else { return }
        _ = try await connection.rows("SELECT 1 FROM \(identifier: schema).schema_migration")
    }

    /// Makes the tables if they are not there.
    func create() async throws {
        guard try await !exists() else { return }
        try await connection.transaction {
            switch connection.engine {
            case .sqlite: try await connection.executeScript(Self.sqliteTables, name: "ledger")
            case .postgresql: try await connection.executeScript(Self.postgresTables, name: "ledger")
            }
        }
    }

    func migrations() async throws -> [AppliedMigration] {
        try await connection.rows("SELECT version, name, sha256, applied_at FROM schema_migration ORDER BY version").map
        {
            AppliedMigration(
                version: try $0.get("version"), name: try $0.get("name"), sha256: try $0.get("sha256"),
                appliedAt: try $0.get("applied_at"))
        }
    }

    func record(_ file: MigrationFile, appliedAt: SQLTimestamp, duration: Duration) async throws {
        let milliseconds = duration.components.seconds * 1_000 + duration.components.attoseconds / 1_000_000_000_000_000
        try await connection.execute(
            """
            INSERT INTO schema_migration (version, name, sha256, applied_at, duration_ms)
            VALUES (\(file.version), \(file.name), \(file.sha256), \(appliedAt), \(milliseconds))
            """)
    }

    /// The views in the order in which they were made.
    func views() async throws -> [View] {
        try await connection.rows("SELECT name, sha256 FROM schema_view ORDER BY position").map {
            View(name: try $0.get("name"), sha256: try $0.get("sha256"))
        }
    }

    func record(_ views: [ViewFile]) async throws {
        try await connection.execute("DELETE FROM schema_view")
        for (position, view) in views.enumerated() {
            try await connection.execute(
                "INSERT INTO schema_view (position, name, sha256) VALUES (\(position), \(view.name), \(view.sha256))")
        }
    }

    /// Loaders and readers look at the ledger when they open the warehouse; only its owner writes it.
    func grantReading() async throws {
        guard connection.engine == .postgresql else { return }
        let roles = try await connection.rows(
            "SELECT rolname FROM pg_roles WHERE rolname IN \(list: ["slicehouse_loader", "slicehouse_reader"])")
        for role in roles {
            try await connection.execute(
                "GRANT SELECT ON schema_migration, schema_view TO \(identifier: try role.get("rolname"))")
        }
    }

    // The migrator makes these two itself, because every migration writes its row into the first.

    private static let sqliteTables = """
        CREATE TABLE schema_migration (
            version INTEGER CONSTRAINT schema_migration_pkey PRIMARY KEY,
            name TEXT NOT NULL,
            sha256 TEXT NOT NULL,
            applied_at TEXT NOT NULL,
            duration_ms INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE schema_view (
            position INTEGER CONSTRAINT schema_view_pkey PRIMARY KEY,
            name TEXT NOT NULL CONSTRAINT schema_view_name_key UNIQUE,
            sha256 TEXT NOT NULL
        ) STRICT;
        """

    private static let postgresTables = """
        CREATE TABLE schema_migration (
            version integer CONSTRAINT schema_migration_pkey PRIMARY KEY,
            name text NOT NULL,
            sha256 text NOT NULL,
            applied_at timestamptz NOT NULL,
            duration_ms integer NOT NULL
        );
        COMMENT ON TABLE schema_migration IS 'One row per migration applied to this schema.';
        COMMENT ON COLUMN schema_migration.version IS 'Number of the migration file.';
        COMMENT ON COLUMN schema_migration.name IS 'Name of the migration file, after its number.';
        COMMENT ON COLUMN schema_migration.sha256 IS 'SHA-256 of the file, in hexadecimal.';
        COMMENT ON COLUMN schema_migration.applied_at IS 'When it was applied.';
        COMMENT ON COLUMN schema_migration.duration_ms IS 'How long it took, in milliseconds.';
        CREATE TABLE schema_view (
            position integer CONSTRAINT schema_view_pkey PRIMARY KEY,
            name text NOT NULL CONSTRAINT schema_view_name_key UNIQUE,
            sha256 text NOT NULL
        );
        COMMENT ON TABLE schema_view IS 'One row per view that the migrator made.';
        COMMENT ON COLUMN schema_view.position IS 'Order in which the views were made, from 0.';
        COMMENT ON COLUMN schema_view.name IS 'Name of the view.';
        COMMENT ON COLUMN schema_view.sha256 IS 'SHA-256 of the file that made it, in hexadecimal.';
        """
}
