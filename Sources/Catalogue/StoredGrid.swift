package import Imaging
package import SQLInterface

/// The grid of a stored series, as the columns of its row have it.
package enum StoredGrid {
    /// What a query selects of `series`, beside `rows` and `columns` of its slices.
    package static let selection: SQL = """
        series.slice_count, series.origin_x_mm, series.origin_y_mm, series.origin_z_mm,
        series.row_direction_x, series.row_direction_y, series.row_direction_z, series.column_direction_x,
        series.column_direction_y, series.column_direction_z, series.slice_direction_x,
        series.slice_direction_y, series.slice_direction_z, series.column_spacing_mm, series.row_spacing_mm,
        series.slice_spacing_mm,
        (SELECT MAX(slice.rows) FROM slice WHERE slice.patient_id = series.patient_id
            AND slice.series_id = series.series_id) AS rows,
        (SELECT MAX(slice.columns) FROM slice WHERE slice.patient_id = series.patient_id
            AND slice.series_id = series.series_id) AS columns
        """

    /// `nil` where the slices form no even grid.
    ///
    /// **Throws** `invalidGeometry` for numbers that cannot be.
    package static func geometry(of row: Row) throws -> VolumeGeometry? {
        func vector(_ prefix: String, _ suffix: String = "") throws -> SIMD3<Double>? {
            let parts = try ["x", "y", "z"].map { try row.get("\(prefix)_\($0)\(suffix)", as: Double?.self) }
            let numbers = parts.compactMap(\.self)
            return numbers.count == 3 ? SIMD3(numbers) : nil
        }
        guard let origin = try vector("origin", "_mm"), let across = try vector("row_direction"),
            let down = try vector("column_direction"), let through = try vector("slice_direction"),
            let column: Double = try row.get("column_spacing_mm", as: Double?.self),
            let rowSpacing: Double = try row.get("row_spacing_mm", as: Double?.self),
            let slice: Double = try row.get("slice_spacing_mm", as: Double?.self)
        else { return nil }
        return try VolumeGeometry(
            columns: try row.get("columns"), rows: try row.get("rows"), slices: try row.get("slice_count"),
            origin: origin, rowDirection: across, columnDirection: down, sliceDirection: through,
            columnSpacing: column, rowSpacing: rowSpacing, sliceSpacing: slice)
    }
}
