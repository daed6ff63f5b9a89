internal import SQLInterface
internal import Warehouse

/// Notes that a reader looked at series: whoever labels or marks a slice has looked at its series.
struct ReadingWriter: Sendable {
    let connection: any WarehouseConnection

    func write(_ subjects: [LabelSubject], readerID: Int64) async throws {
        let series = Set(subjects.compactMap { subject in subject.seriesID.map { [subject.patientID, $0] } })
        for pair in series.sorted(by: { $0[1] < $1[1] }) {
            try await connection.execute(
                """
                INSERT INTO reading (patient_id, series_id, reader_id, session)
                VALUES (\(pair[0]), \(pair[1]), \(readerID), 1) ON CONFLICT DO NOTHING
                """)
        }
    }
}
