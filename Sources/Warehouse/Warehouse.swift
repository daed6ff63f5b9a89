internal import PostgreSQL
internal import SQLite

/// A database of images and what is said about them, on either engine.
///
/// Open it once, borrow connections in scopes, close it at the end. On SQLite one process writes: the writing
/// connection is lent to one task at a time, readers see the last commit. On PostgreSQL each borrower writes for
/// itself.
package final class Warehouse: Sendable {
    package enum Access: Sendable, Hashable {
        case read
        /// `create` makes the file or schema when there is none.
        case write(create: Bool)
    }

    /// What opening may do to the schema.
    package enum Migration: Sendable, Hashable {
        /// A database without a warehouse gets one; an older one is refused with `schemaOutdated`, on both engines,
        /// since a migration of a shared database is its owner's decision.
        case createOnly
        /// Pending migrations are applied: what `slicehouse migrate` does.
        case upgrade
        /// The schema is not looked at.
        case ignore
    }

    package enum Use: Sendable, Hashable {
        case read
        case write
    }

    package let location: WarehouseLocation
    package let access: Access
    package let sqlLibrary: SQLLibrary
    package var engine: WarehouseEngine { location.engine }
    private let readers: ConnectionPool
    private let writers: ConnectionPool

    /// Opens a warehouse and sees that its schema is the program's.
    ///
    /// - Parameters:
    ///   - library: The files of SQL; nil finds them.
    ///   - connectionLimit: Connections open at once (PostgreSQL: in all; SQLite: readers beside the writer).
    /// **Throws** ``WarehouseError``, and the engine's errors: `databaseMissing`, `locked`, `authentication`, …
    package static func open(
        _ location: WarehouseLocation, access: Access, migration: Migration = .createOnly,
        library: SQLLibrary? = nil, connectionLimit: Int = 8, options: SQLiteLimits = SQLiteLimits()
    ) async throws -> Warehouse {
        let warehouse = Warehouse(
            location, access: access, library: try library ?? .locate(), connectionLimit: connectionLimit,
            limits: options)
        do {
            try await warehouse.prepareSchema(migration)
        } catch {
            try? await warehouse.close()
            throw error
        }
        return warehouse
    }

    /// Lends a connection for as long as the body runs.
    ///
    /// **Throws** `readOnly` when a connection to write is asked of a warehouse opened to read.
    @discardableResult
    package func withConnection<R>(
        _ use: Use = .read, _ body: (any WarehouseConnection) async throws -> R
    ) async throws -> R {
        guard use == .read || access != .read else {
            throw WarehouseError(
                code: .readOnly, subject: location.description, reason: "the warehouse was opened to read only")
        }
        return try await (use == .write ? writers : readers).withConnection(body)
    }

    /// Closes all connections that are not lent.
    package func close() async throws {
        try await readers.close()
        if writers !== readers { try await writers.close() }
    }

    // MARK: Opening

    private init(
        _ location: WarehouseLocation, access: Access, library: SQLLibrary, connectionLimit: Int, limits: SQLiteLimits
    ) {
        self.location = location
        self.access = access
        sqlLibrary = library
        let name = location.description
        switch location.store {
        case .postgresql(let connectionString, let schema):
            let options = PostgresOptions(
                connectionString: connectionString, schema: schema, isReadOnly: access == .read)
            readers = ConnectionPool(name: name, limit: connectionLimit) { try await PostgresConnection.open(options) }
            writers = readers
        case .sqlite(let path):
            let writing = SQLiteOptions(path: path, access: Self.sqliteAccess(access), limits: limits)
            writers = ConnectionPool(name: name, limit: 1) { try await SQLiteConnection.open(writing) }
            let reading = SQLiteOptions(path: path, access: .read, limits: limits)
            let isPrivate = writing.isPrivate
            readers =
                isPrivate
                ? writers
                : ConnectionPool(name: name, limit: connectionLimit) { try await SQLiteConnection.open(reading) }
        }
    }

    private static func sqliteAccess(_ access: Access) -> SQLiteOptions.Access {
        switch access {
        case .read: .read
        case .write(let create): .write(create: create)
        }
    }

    private func prepareSchema(_ migration: Migration) async throws {
        guard migration != .ignore else { return }
        let migrator = try Migrator(library: sqlLibrary, location: location)
        try await withConnection(access == .read ? .read : .write) { connection in
            let status = try await migrator.status(connection)
            switch (access, migration) {
            case (.write, .upgrade): try await migrator.migrate(connection)
            case (.write(create: true), _) where status.applied.isEmpty: try await migrator.migrate(connection)
            default:
                let settled =
                    access == .read || status.isCurrent ? status : try await migrator.settledStatus(connection)
                try settled.requireCurrent(location: location, includingViews: access != .read)
            }
        }
    }
}
