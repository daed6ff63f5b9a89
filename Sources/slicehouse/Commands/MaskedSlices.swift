import SQLInterface
import Warehouse

/// On how many slices of a series something is marked pixel by pixel, by what it is.
struct MaskedSlices {
    /// `haemorrhage 5, lung 30` by series.
    private var textByID: [Int64: String] = [:]

    /// - Parameter condition: What holds for a row of `series`, `patient` and `dataset`.
    init(where condition: SQL, on connection: any WarehouseConnection) async throws {
        let rows = try await connection.rows(
            """
            SELECT series.series_id, annotation.target, count(DISTINCT annotation_mask.slice_id) AS slice_count
            FROM series
            JOIN patient ON patient.patient_id = series.patient_id
            JOIN dataset ON dataset.dataset_id = patient.dataset_id
            JOIN annotation ON annotation.patient_id = series.patient_id AND annotation.series_id = series.series_id
            JOIN annotation_mask ON annotation_mask.patient_id = annotation.patient_id
                AND annotation_mask.annotation_id = annotation.annotation_id
            LEFT JOIN label_source ON label_source.label_source_id = annotation.label_source_id
            WHERE \(sql: condition) AND (label_source.label_source_id IS NULL OR label_source.is_active)
            GROUP BY series.series_id, annotation.target ORDER BY series.series_id, annotation.target
            """)
        for row in rows {
            let text = "\(try row.get("target", as: String.self)) \(try row.get("slice_count", as: Int.self))"
            let id: Int64 = try row.get("series_id")
            textByID[id] = [textByID[id], text].compactMap(\.self).joined(separator: ", ")
        }
    }

    /// Rows of series with a column `masks` at the end.
    func added(to rows: RowSet) -> RowSet {
        let place = rows.columns.firstIndex(of: "series_id")
        return RowSet(
            columns: rows.columns + ["masks"],
            rows: rows.rows.map { row in
                guard let place, case .integer(let id) = row[place] else { return row + [.null] }
                return row + [textByID[id].map(SQLValue.text) ?? .null]
            })
    }
}
