internal import SQLInterface
internal import Warehouse

/// Makes room in a stored series for slices that came later.
///
/// The stored slices are renumbered through negative numbers, since SQLite cannot defer a unique constraint, the headers
/// are taken out to be written again for all slices, and the revision goes up.
struct SeriesGrowth: Sendable {
    let connection: any WarehouseConnection

    func clear(_ rows: VariantRows) async throws {
        let patientID = rows.series.identity.patientID
        let seriesID = rows.series.seriesID
        try await renumber(rows, patientID: patientID, seriesID: seriesID)
        for record in rows.records where !record.isNew {
            for table in ["slice_header", "header_slice_value"] {
                _ = try await connection.execute(
                    """
                    DELETE FROM \(identifier: table) WHERE patient_id = \(patientID) AND slice_id = \(record.sliceID)
                    """)
            }
        }
        for table in ["series_header", "header_value", "header_removed", "series_volume"] {
            _ = try await connection.execute(
                """
                DELETE FROM \(identifier: table) WHERE patient_id = \(patientID) AND series_id = \(seriesID)
                """)
        }
        try await removeFindings(ofSeries: seriesID, patientID: patientID)
        try await update(rows.series)
    }

    /// What was odd about the series is found anew for all its slices; masks are looked at slice by slice, and readings
    /// that do not wait for slices are not placed again.
    private func removeFindings(ofSeries seriesID: Int64, patientID: Int64) async throws {
        _ = try await connection.execute(
            """
            DELETE FROM quality_finding WHERE patient_id = \(patientID) AND series_id = \(seriesID)
            AND level = 'series' AND check_name NOT LIKE 'mask%' AND check_name <> \(MarkWriter.ambiguousCheck)
            """)
    }

    private func renumber(_ rows: VariantRows, patientID: Int64, seriesID: Int64) async throws {
        let indices = rows.sliceIndices
        for (index, record) in rows.records.enumerated() where !record.isNew {
            _ = try await connection.execute(
                """
                UPDATE slice SET slice_index = \(-1 - indices[index]), position_mm = \(rows.position(of: indices[index]))
                WHERE patient_id = \(patientID) AND slice_id = \(record.sliceID)
                """)
        }
        _ = try await connection.execute(
            """
            UPDATE slice SET slice_index = -1 - slice_index
            WHERE patient_id = \(patientID) AND series_id = \(seriesID) AND slice_index < 0
            """)
    }

    private func update(_ series: SeriesRow) async throws {
        var statement: SQL = "UPDATE series SET "
        for (index, (column, value)) in zip(SeriesRow.attributeColumns, series.attributes).enumerated() {
            statement.append(index == 0 ? "" : ", ")
            statement.append("\(identifier: column) = \(value)")
        }
        statement.append(
            " WHERE patient_id = \(series.identity.patientID) AND series_id = \(series.seriesID)")
        _ = try await connection.execute(statement)
    }
}
