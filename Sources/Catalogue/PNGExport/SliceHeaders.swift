internal import SQLInterface
internal import Warehouse

/// Reads stored headers of slices of one series.
struct SliceHeaders {
    let connection: any WarehouseConnection

    struct Found {
        let common: String?
        let own: [Int64: String]

        func header(of sliceID: Int64) throws -> StoredHeader { try StoredHeader(common: common, own: own[sliceID]) }
    }

    func ofSeries(_ slice: ExportedSlice) async throws -> Found {
        try await read(
            slice,
            """
            slice_header.slice_id IN (SELECT slice_id FROM slice
                WHERE patient_id = \(slice.patientID) AND series_id = \(slice.seriesID))
            """)
    }

    /// - Parameter slices: of one series, at least one.
    func of(_ slices: [ExportedSlice]) async throws -> Found {
        try await read(slices[0], "slice_header.slice_id IN \(list: slices.map(\.sliceID))")
    }

    private func read(_ slice: ExportedSlice, _ condition: SQL) async throws -> Found {
        let common = try await connection.rows(
            """
            SELECT header FROM series_header
            WHERE patient_id = \(slice.patientID) AND series_id = \(slice.seriesID)
            """)
        let own = try await connection.rows(
            """
            SELECT slice_id, header FROM slice_header
            WHERE patient_id = \(slice.patientID) AND \(sql: condition)
            """)
        var headers: [Int64: String] = [:]
        for row in own { headers[try row.get("slice_id")] = try row.get("header", as: String.self) }
        return Found(common: try common.first?.get("header"), own: headers)
    }
}
