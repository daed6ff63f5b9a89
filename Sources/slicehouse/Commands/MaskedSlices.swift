import CanonicalJSON
import SQLInterface
import Warehouse

/// On how many slices of a series something is marked pixel by pixel, by what it is.
struct MaskedSlices {
    private struct Mark {
        let target: String
        let sliceCount: Int
    }

    /// By series, in order of what is marked.
    private var marksByID: [Int64: [Mark]] = [:]

    /// - Parameter condition: What holds for a row of `series`, `patient` and `dataset`.
    init(where condition: SQL, on connection: any WarehouseConnection) async throws {
        let rows = try await connection.rows(
            """
            SELECT series.series_id, annotation_current.target, count(DISTINCT annotation_mask.slice_id) AS slice_count
            FROM series
            JOIN patient ON patient.patient_id = series.patient_id
            JOIN dataset ON dataset.dataset_id = patient.dataset_id
            JOIN annotation_current ON annotation_current.patient_id = series.patient_id
                AND annotation_current.series_id = series.series_id
            JOIN annotation_mask ON annotation_mask.patient_id = annotation_current.patient_id
                AND annotation_mask.annotation_id = annotation_current.annotation_id
            WHERE \(sql: condition)
            GROUP BY series.series_id, annotation_current.target
            ORDER BY series.series_id, annotation_current.target
            """)
        for row in rows {
            let mark = Mark(target: try row.get("target"), sliceCount: try row.get("slice_count"))
            marksByID[try row.get("series_id"), default: []].append(mark)
        }
    }

    /// Rows of series with a column `masks` at the end: `haemorrhage 5, lung 30`.
    func added(to rows: RowSet) throws -> RowSet {
        RowSet(
            columns: rows.columns + ["masks"],
            rows: try rows.map { row in
                let text = try marks(of: row)?.map { "\($0.target) \($0.sliceCount)" }.joined(separator: ", ")
                return row.values + [text.map(SQLValue.text) ?? .null]
            })
    }

    /// One object a series, a line each; its `masks` are an object of counts, or null.
    func json(_ rows: RowSet) throws -> String {
        try rows.map { row in
            var members = TextTable.members(of: row)
            let counts = try marks(of: row)?.map { ($0.target, JSONValue.integer($0.sliceCount)) }
            members["masks"] = counts.map { JSONValue.object(Dictionary(uniqueKeysWithValues: $0)) } ?? JSONValue.null
            return JSONValue.object(members).text
        }.joined(separator: "\n")
    }

    private func marks(of row: Row) throws -> [Mark]? {
        marksByID[try row.get("series_id")]
    }
}
