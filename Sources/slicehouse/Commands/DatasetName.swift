import Ingestion
import SQLInterface
import Warehouse

/// The name of a data set as a user typed it.
struct DatasetName {
    private let name: String

    init(_ name: String) { self.name = name }

    /// **Throws** ``CommandError`` where there is none of this name: nothing would be shown, as if all were well.
    func check(on connection: any WarehouseConnection) async throws {
        let known = try await connection.rows("SELECT DISTINCT name FROM dataset ORDER BY name").map {
            try $0.get("name", as: String.self)
        }
        guard !known.contains(name) else { return }
        throw CommandError(
            known.isEmpty
                ? "\(name): the warehouse is empty; run slicehouse ingest first."
                : "\(name): there is no such data set; there are \(known.joined(separator: ", ")).")
    }
}
