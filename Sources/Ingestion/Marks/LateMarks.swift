internal import Datasets
internal import Foundation
internal import SQLInterface
internal import Warehouse

/// Marks of rows that could not be read when the other marks of their table were stored.
struct LateMarks: Sendable {
    let connection: any WarehouseConnection
    let sourceID: Int64

    /// Adds marks to those of the series that wait. Returns how many are new; `nil` where none of the series waits.
    func join(_ marks: SeriesMarks) async throws -> Int? {
        let rows = try await connection.rows(
            """
            SELECT annotation_unresolved_id, content FROM annotation_unresolved
            WHERE label_source_id = \(sourceID) AND series_key = \(marks.seriesKey)
            """)
        guard let row = rows.first else { return nil }
        let id: Int64 = try row.get("annotation_unresolved_id")
        let content: String = try row.get("content")
        var waiting = try JSONDecoder().decode(SeriesMarks.self, from: Data(content.utf8))
        let known = Set(waiting.marks.map(\.key))
        let new = marks.marks.filter { !known.contains($0.key) }
        let readings = marks.readings.filter { !waiting.readings.contains($0) }
        waiting.readings += readings
        // In the order of the table, as when all are read at once.
        waiting.marks = (waiting.marks + new).sorted { ($0.row ?? 0) < ($1.row ?? 0) }
        try await connection.execute(
            """
            UPDATE annotation_unresolved SET content = \(try WaitingMarks.text(of: waiting)),
                mark_count = \(waiting.marks.count)
            WHERE annotation_unresolved_id = \(id)
            """)
        return new.count
    }

    /// The marks of the series that are not stored yet.
    func new(_ marks: SeriesMarks, on series: MarkedSeries) async throws -> SeriesMarks {
        let rows = try await connection.rows(
            """
            SELECT annotation_key FROM annotation WHERE patient_id = \(series.patientID)
                AND series_id = \(series.seriesID) AND label_source_id = \(sourceID)
            """)
        let stored = Set(try rows.map { try $0.get("annotation_key", as: String.self) })
        // As `MarkWriter` names them.
        var new = marks
        new.marks.removeAll { stored.contains("\(sourceID)/\($0.key)") }
        return new
    }
}
