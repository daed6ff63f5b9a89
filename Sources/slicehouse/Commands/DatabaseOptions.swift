import ArgumentParser
import SQLInterface
import Warehouse

/// Which warehouse a command works on.
struct DatabaseOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            "sqlite:PATH or postgresql://USER@HOST/DATABASE (PG* variables work; put no password here, use PGPASSFILE).",
            valueName: "database"))
    var database: String?

    func location() throws -> WarehouseLocation {
        try WarehouseLocation.resolve(database)
    }

    /// Opens for the length of the body, and closes whatever happens.
    func withWarehouse<R>(
        _ access: Warehouse.Access = .read, migration: Warehouse.Migration = .createOnly,
        _ body: (Warehouse) async throws -> R
    ) async throws -> R {
        let warehouse = try await Warehouse.open(try location(), access: access, migration: migration)
        do {
            let result = try await body(warehouse)
            try? await warehouse.close()
            return result
        } catch {
            try? await warehouse.close()
            throw error
        }
    }

    /// Rows of one statement of a warehouse opened to read.
    func rows(_ sql: SQL) async throws -> RowSet {
        try await withWarehouse { warehouse in
            try await warehouse.withConnection { try await $0.rows(sql) }
        }
    }
}

/// How results are written.
struct FormatOptions: ParsableArguments {
    @Flag(name: .long, help: "One JSON object per line on standard output; ids are strings.")
    var json = false

    var rowFormat: RowFormat { json ? .json : .table }
}
