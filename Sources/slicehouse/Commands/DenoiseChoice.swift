import Catalogue
import SQLInterface
import Warehouse

/// The series that a call of `denoise` means.
struct DenoiseChoice {
    struct Chosen {
        let id: Int64
        /// By its id or UID, not by its data set.
        let isNamed: Bool
    }

    private(set) var series: [Chosen] = []
    /// Names that nothing has, and what there is to say of each.
    private(set) var unknown: [(name: String, error: CatalogueError)] = []

    /// - Parameters:
    ///   - names: Ids or UIDs; each series is taken once.
    ///   - dataset: Name of a data set whose image series are taken too.
    /// **Throws** ``CatalogueError`` where none of the names is known and there is no data set, or no such data set;
    /// ``CommandError`` for a data set without series to denoise.
    init(_ names: [String], dataset: String?, in warehouse: Warehouse) async throws {
        let (found, unknown) = try await warehouse.withConnection { connection in
            var (found, unknown) = ([Chosen](), [(name: String, error: CatalogueError)]())
            for name in names {
                do {
                    found += try await NamedSeries.ids([name], on: connection).map { Chosen(id: $0, isNamed: true) }
                } catch let error as CatalogueError {
                    unknown.append((name, error))
                }
            }
            if let dataset {
                found += try await Self.series(of: dataset, on: connection).map { Chosen(id: $0, isNamed: false) }
            }
            return (found, unknown)
        }
        if found.isEmpty, let first = unknown.first { throw first.error }
        self.unknown = unknown
        var seen: Set<Int64> = []
        series = found.filter { seen.insert($0.id).inserted }
    }

    private static func series(of dataset: String, on connection: any WarehouseConnection) async throws -> [Int64] {
        let choice = DatasetChoice(dataset)
        try await choice.check(on: connection)
        let rows = try await connection.rows(
            """
            SELECT series.series_id FROM series
            JOIN patient ON patient.patient_id = series.patient_id
            JOIN dataset ON dataset.dataset_id = patient.dataset_id
            WHERE \(sql: choice.condition) AND series.role = 'image' AND series.derived_from IS NULL
                AND series.slice_count >= 2
            ORDER BY patient.patient_key, series.series_id
            """)
        guard !rows.isEmpty else {
            throw CommandError("--dataset \(dataset): it has no image series of two slices or more.")
        }
        return try rows.map { try $0.get("series_id") }
    }
}
