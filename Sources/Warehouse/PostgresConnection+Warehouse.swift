package import PostgreSQL

extension PostgresConnection: WarehouseConnection {
    package nonisolated var engine: WarehouseEngine { .postgresql }
}
