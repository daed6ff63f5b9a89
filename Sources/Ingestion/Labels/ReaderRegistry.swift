internal import Datasets
internal import SQLInterface
internal import Warehouse

/// Ids of readers; a reader is added when it is first named.
struct ReaderRegistry: Sendable {
    let connection: any WarehouseConnection

    func id(of reader: LabelReader, datasetID: Int64) async throws -> Int64 {
        let natural: [SQLValue] = [.integer(datasetID), .text(reader.key)]
        let id = try await KeyResolver(connection: connection).resolve(natural, in: .reader)
        try await connection.execute(
            """
            INSERT INTO reader (reader_id, dataset_id, reader_key, kind)
            VALUES (\(id), \(datasetID), \(reader.key), \(reader.kind.rawValue)) ON CONFLICT DO NOTHING
            """)
        return id
    }
}
