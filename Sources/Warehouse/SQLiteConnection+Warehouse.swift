package import SQLite

extension SQLiteConnection: WarehouseConnection {
    package nonisolated var engine: WarehouseEngine { .sqlite }
}
