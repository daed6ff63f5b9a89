package import SQLInterface

/// Brings the schema of a database to the version of the program, forward only.
///
/// A lock lets one migrator work at a time (PostgreSQL: an advisory lock of the schema; SQLite: the writer lock of the
/// file). Each migration is one transaction that also writes its row of the ledger, so a run that is killed goes on
/// where it stopped. Afterwards the views are made anew if any of their files differ from what was recorded.
package struct Migrator: Sendable {
    private let location: WarehouseLocation
    private let files: [MigrationFile]
    private let views: [ViewFile]
    private let now: @Sendable () -> SQLTimestamp

    /// - Parameter now: The clock of the ledger.
    /// **Throws** what is wrong with the files: `migrationMisnamed`, `migrationDuplicate`, `migrationMissing`,
    ///   `viewCycle`.
    package init(
        library: SQLLibrary, location: WarehouseLocation,
        now: @escaping @Sendable () -> SQLTimestamp = { SQLTimestamp.now() }
    ) throws(WarehouseError) {
        self.location = location
        self.now = now
        files = try MigrationFile.all(in: library, engine: location.engine)
        views = try ViewFile.all(in: library, engine: location.engine)
    }

    /// What was applied and what is pending; changes nothing.
    package func status(_ connection: any WarehouseConnection) async throws -> MigrationStatus {
        let ledger = MigrationLedger(connection: connection)
        guard try await ledger.exists() else {
            return try MigrationStatus(applied: [], files: files, viewsArePending: true)
        }
        let recorded = try? await ledger.views()
        return try MigrationStatus(
            applied: try await ledger.migrations(), files: files,
            viewsArePending: recorded.map { $0 != views.map { .init(name: $0.name, sha256: $0.sha256) } } ?? true)
    }

    /// The status once whoever is migrating at this moment has finished: a half-made schema is not an old one.
    package func settledStatus(_ connection: any WarehouseConnection) async throws -> MigrationStatus {
        try await withLock(connection) { try await status(connection) }
    }

    /// Applies what is pending and returns the migrations applied.
    ///
    /// **Throws** `migrationFailed` naming the file, with the engine's error; what went before stays applied.
    @discardableResult
    package func migrate(_ connection: any WarehouseConnection) async throws -> [MigrationFile] {
        let ledger = MigrationLedger(connection: connection)
        return try await withLock(connection) {
            try await createSchema(connection)
            try await ledger.create()
            let status = try await status(connection)
            if status.isCurrent { return [] }
            if status.applied.isEmpty {
                // A first run that is killed here must leave nothing half-made behind.
                try await connection.transaction { try await finish(status, connection, ledger) }
            } else {
                for file in status.pending {
                    try await connection.transaction { try await apply(file, connection, ledger) }
                }
                try await connection.transaction { try await replaceViews(connection, ledger) }
            }
            try await ledger.grantReading()
            return status.pending
        }
    }

    private func finish(
        _ status: MigrationStatus, _ connection: any WarehouseConnection, _ ledger: MigrationLedger
    ) async throws {
        for file in status.pending { try await apply(file, connection, ledger) }
        try await replaceViews(connection, ledger)
    }

    private func apply(
        _ file: MigrationFile, _ connection: any WarehouseConnection, _ ledger: MigrationLedger
    ) async throws {
        do {
            let start = ContinuousClock.now
            try await connection.executeScript(file.text, name: file.fileName)
            let duration = ContinuousClock.now - start
            try await ledger.record(file, appliedAt: now(), duration: duration)
        } catch {
            throw WarehouseError(
                code: .migrationFailed, subject: file.fileName,
                reason: "the migration failed and was rolled back", underlying: error)
        }
    }

    private func replaceViews(_ connection: any WarehouseConnection, _ ledger: MigrationLedger) async throws {
        for view in try await ledger.views().reversed() {
            try await connection.execute("DROP VIEW IF EXISTS \(identifier: view.name)")
        }
        for view in views {
            do {
                try await connection.executeScript(view.text, name: view.path)
            } catch {
                throw WarehouseError(
                    code: .migrationFailed, subject: view.path, reason: "the view could not be made",
                    underlying: error)
            }
        }
        try await ledger.record(views)
    }

    private func createSchema(_ connection: any WarehouseConnection) async throws {
        guard case .postgresql(_, let schema) = location.store else { return }
        let found = try await connection.rows("SELECT 1 FROM pg_namespace WHERE nspname = \(schema)")
        if found.isEmpty { try await connection.execute("CREATE SCHEMA \(identifier: schema)") }
    }

    // MARK: Lock

    /// Long enough for another migration to end; then `locked` says to try again.
    private static let lockTimeout = "60s"

    private func withLock<R>(
        _ connection: any WarehouseConnection, _ body: () async throws -> R
    ) async throws -> R {
        guard case .postgresql(_, let schema) = location.store else { return try await body() }
        let key = ContentKey("schema_migration", .text(schema))
        try await connection.executeScript("SET lock_timeout TO '\(Self.lockTimeout)'", name: nil)
        _ = try await connection.rows("SELECT pg_advisory_lock(\(key))")
        do {
            let result = try await body()
            try await unlock(connection, key)
            return result
        } catch {
            // If this fails too, the connection is gone and the lock with it.
            try? await unlock(connection, key)
            throw error
        }
    }

    private func unlock(_ connection: any WarehouseConnection, _ key: ContentKey) async throws {
        _ = try await connection.rows("SELECT pg_advisory_unlock(\(key))")
        try await connection.executeScript("RESET lock_timeout", name: nil)
    }
}
