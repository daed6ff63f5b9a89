internal import SQLInterface
internal import Warehouse

/// Notes that a reader looked at series: whoever labels or marks a slice has looked at its series.
struct ReadingWriter: Sendable {
    let connection: any WarehouseConnection

    func write(_ subjects: some Sequence<LabelSubject>, readerID: Int64) async throws {
        var series: Set<[Int64]> = []
        for subject in subjects {
            if let seriesID = subject.seriesID { series.insert([subject.patientID, seriesID]) }
        }
        let sorted = series.sorted { $0[1] < $1[1] }
        for start in stride(from: 0, to: sorted.count, by: 500) {
            try await add(sorted[start..<min(start + 500, sorted.count)], readerID: readerID)
        }
    }

    private func add(_ series: ArraySlice<[Int64]>, readerID: Int64) async throws {
        var sql: SQL = "INSERT INTO reading (patient_id, series_id, reader_id, session) VALUES "
        for (index, pair) in series.enumerated() {
            sql.append("\(raw: index == 0 ? "" : ", ")(\(pair[0]), \(pair[1]), \(readerID), 1)")
        }
        sql.append(" ON CONFLICT DO NOTHING")
        try await connection.execute(sql)
    }
}
