internal import Warehouse

extension Warehouse {
    /// Lends a connection whose commits need not reach the disk at once.
    ///
    /// A power cut may take back the last of them; they carry the rows that say which files are done, so a rerun loads
    /// those again. The commit that ends a run is synchronous, and all before it are then on disk too.
    func withLoadConnection<R>(_ body: (any WarehouseConnection) async throws -> R) async throws -> R {
        try await withConnection(.write) { connection in
            try await connection.setSynchronousCommit(false)
            return try await body(connection)
        }
    }
}
