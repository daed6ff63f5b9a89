package import SQLInterface

/// Which slices an export writes: all that meet every condition given.
package struct ExportSelection: Sendable {
    package var dataset: DatasetChoice?
    package var patient: String?
    /// series_id of each; empty for all.
    package var series: [Int64] = []
    package var modality: String?
    /// `nil` for all.
    package var role: String?
    /// A query that returns slice_id, or series_id.
    package var query: Query?

    package struct Query: Sendable {
        let sql: SQL
        let column: String

        /// - Parameter column: `slice_id` or `series_id`, whichever the query returns.
        package init(_ sql: SQL, column: String) {
            self.sql = sql
            self.column = column
        }
    }

    package init() {}

    var tables: SQL {
        """
        FROM slice
        JOIN series ON series.patient_id = slice.patient_id AND series.series_id = slice.series_id
        JOIN patient ON patient.patient_id = slice.patient_id
        JOIN dataset ON dataset.dataset_id = patient.dataset_id
        WHERE \(sql: condition)
        """
    }

    private var condition: SQL {
        var sql: SQL = "1 = 1"
        if let dataset { sql.append(" AND \(sql: dataset.condition)") }
        if let patient { sql.append(" AND patient.patient_key = \(patient)") }
        if let modality { sql.append(" AND series.modality = \(modality)") }
        if let role { sql.append(" AND series.role = \(role)") }
        if !series.isEmpty { sql.append(" AND series.series_id IN \(list: series)") }
        if let query {
            sql.append(
                """
                 AND slice.\(identifier: query.column) IN (
                    SELECT chosen.\(identifier: query.column) FROM (\(sql: query.sql)
                    ) AS chosen)
                """)
        }
        return sql
    }
}
