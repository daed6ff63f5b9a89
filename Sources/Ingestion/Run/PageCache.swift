internal import SQLInterface
internal import Warehouse

extension WarehouseConnection {
    /// Lets SQLite keep more pages meanwhile than its 2 MiB; PostgreSQL has its own.
    ///
    /// Keys of content are random, so that without it each look into a large index reads its pages from the file again.
    func withPageCache<R>(kibibytes: Int, _ body: () async throws -> R) async throws -> R {
        guard engine == .sqlite else { return try await body() }
        let size: Int = try await rows("PRAGMA cache_size")[0].get("cache_size")
        try await executeScript("PRAGMA cache_size = -\(kibibytes)", name: "PRAGMA")
        let result: R
        do {
            result = try await body()
        } catch {
            try? await executeScript("PRAGMA cache_size = \(size)", name: "PRAGMA")
            throw error
        }
        try await executeScript("PRAGMA cache_size = \(size)", name: "PRAGMA")
        return result
    }
}
