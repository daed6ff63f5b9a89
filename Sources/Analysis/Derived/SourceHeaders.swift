internal import CanonicalJSON
internal import DICOM
internal import SQLInterface
package import Warehouse

/// The stored headers of a series: what is common to it, and what each slice has of its own.
package struct SourceHeaders: Sendable {
    private let common: [String: JSONValue]
    private let own: [Int64: [String: JSONValue]]

    package init(of series: AnalysedSeries, on connection: any WarehouseConnection) async throws {
        let shared = try await connection.rows(
            """
            SELECT header FROM series_header
            WHERE patient_id = \(series.patientID) AND series_id = \(series.seriesID)
            """)
        common = try shared.first.map { try JSONValue(parsing: $0.get("header")).object ?? [:] } ?? [:]
        let rows = try await connection.rows(
            """
            SELECT slice_header.slice_id, slice_header.header FROM slice_header
            JOIN slice ON slice.patient_id = slice_header.patient_id AND slice.slice_id = slice_header.slice_id
            WHERE slice.patient_id = \(series.patientID) AND slice.series_id = \(series.seriesID)
            """)
        var own: [Int64: [String: JSONValue]] = [:]
        for row in rows { own[try row.get("slice_id")] = try JSONValue(parsing: row.get("header")).object }
        self.own = own
    }

    func header(of sliceID: Int64) -> DICOMHeader {
        DICOMHeader(json: common.merging(own[sliceID] ?? [:]) { _, own in own })
    }
}
