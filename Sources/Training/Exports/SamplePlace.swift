internal import Catalogue
internal import Imaging
internal import SQLInterface
internal import Warehouse

extension SamplePlace {
    /// The grids of the series that samples come from, by id; series that are no volume are missing.
    static func grids(
        of samples: [FrozenSample], on connection: any WarehouseConnection
    ) async throws -> [Int64: VolumeGeometry] {
        var grids: [Int64: VolumeGeometry] = [:]
        for row in try await connection.rows(
            """
            SELECT series.series_id, \(sql: StoredGrid.selection) FROM series
            WHERE series.patient_id IN \(list: Set(samples.map(\.patientID)).sorted())
                AND series.series_id IN \(list: Set(samples.map(\.seriesID)).sorted())
            """)
        { grids[try row.get("series_id")] = try StoredGrid.geometry(of: row) }
        return grids
    }
}
