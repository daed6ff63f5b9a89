internal import CanonicalJSON
internal import Datasets
internal import SQLInterface
internal import Warehouse

/// Derived series that came before the series they were computed from: a finding says so, and names the source by which
/// they are tied once that is there.
struct WaitingDerivations: Sendable {
    let connection: any WarehouseConnection

    private static let check = "derived_without_source"

    static func finding(_ subject: Finding.Subject, source: SeriesSource) -> Finding {
        Finding(
            check: check, severity: .warning, subject: subject,
            sentence: "The series that it was computed from is not in the warehouse, or belongs to another patient "
                + "there; derived_from is set when it comes.",
            detail: [
                "source_series": source.seriesID.map { .string(String($0)) } ?? .null,
                "source_image": source.imageUID.map(JSONValue.string) ?? .null,
            ])
    }

    /// The source among the stored series of the patient; `nil` where it is not there.
    func seriesID(of source: SeriesSource?, patientID: Int64) async throws -> Int64? {
        guard let source else { return nil }
        let rows = try await connection.rows(
            """
            SELECT series.series_id FROM series
            WHERE series.patient_id = \(patientID) AND series.role = 'image'
                AND (series.series_id = \(source.seriesID) OR series.variant = 0 AND series.series_id IN (
                    SELECT series_id FROM slice
                    WHERE patient_id = \(patientID) AND sop_instance_uid = \(source.imageUID)))
            ORDER BY series.series_id
            """)
        let found = try rows.map { try $0.get("series_id", as: Int64.self) }
        return found.first { $0 == source.seriesID } ?? found.first
    }

    /// Ties what can be. Returns how many of the findings were made by a run.
    func resolve(countingRun runID: Int64) async throws -> Int {
        let waiting = try await connection.rows(
            """
            SELECT quality_finding_id, patient_id, series_id, detail, ingest_run_id FROM quality_finding
            WHERE check_name = \(Self.check)
            """)
        var count = 0
        for row in waiting {
            let patientID: Int64 = try row.get("patient_id")
            let seriesID: Int64 = try row.get("series_id")
            let detail = try JSONValue(parsing: try row.get("detail"))
            let source = SeriesSource(
                seriesID: detail["source_series"]?.string.flatMap { Int64($0) },
                imageUID: detail["source_image"]?.string)
            guard let sourceID = try await self.seriesID(of: source, patientID: patientID), sourceID != seriesID else {
                continue
            }
            let findingID: Int64 = try row.get("quality_finding_id")
            try await connection.transaction {
                try await connection.execute(
                    """
                    UPDATE series SET derived_from = \(sourceID)
                    WHERE patient_id = \(patientID) AND series_id = \(seriesID)
                    """)
                try await connection.execute("DELETE FROM quality_finding WHERE quality_finding_id = \(findingID)")
            }
            if try row.get("ingest_run_id", as: Int64?.self) == runID { count += 1 }
        }
        return count
    }
}
