internal import CanonicalJSON
internal import Imaging
internal import SQLInterface
internal import Warehouse

/// Stores what the overlay planes of images mark: one annotation per series and plane, without a reader, since the
/// source does not say who drew it.
struct OverlayWriter: Sendable {
    let connection: any WarehouseConnection
    let context: RunContext

    struct Mark: Sendable {
        let sliceID: Int64
        let region: MarkedRegion
    }

    /// Returns how many slice masks were written.
    func write(_ marks: [Mark], on seriesID: Int64, of patientID: Int64) async throws -> Int {
        var count = 0
        for (target, own) in Dictionary(grouping: marks, by: \.region.target).sorted(by: { $0.key < $1.key }) {
            let annotationID = try await annotate(target, rule: own[0].region.rule, on: seriesID, of: patientID)
            let rows = own.compactMap { mark in
                mark.region.mask.boundingBox.map { box in
                    AnnotationMaskRow(
                        patientID: patientID, annotationID: annotationID, sliceID: mark.sliceID, maskSliceID: nil,
                        marked: mark.region, box: box
                    ).values
                }
            }
            try await connection.load(table: "annotation_mask", columns: AnnotationMaskRow.columns, rows: rows)
            try await AnnotationTotals(connection: connection).update(annotationID, on: seriesID, of: patientID)
            count += rows.count
        }
        return count
    }

    private func annotate(
        _ target: String, rule: String, on seriesID: Int64, of patientID: Int64
    ) async throws -> Int64 {
        let natural: [SQLValue] = [.integer(seriesID), .null, .text(target)]
        let id = try await KeyResolver(connection: connection).resolve(natural, in: .annotation, of: patientID)
        let rule: JSONValue = ["rule": .string(rule), "source": "overlay_plane"]
        try await connection.execute(
            """
            INSERT INTO annotation (patient_id, annotation_id, series_id, annotation_key, kind, target, rule,
                ingest_run_id)
            VALUES (\(patientID), \(id), \(seriesID), \(target), 'mask', \(target), \(rule.text), \(context.runID))
            ON CONFLICT DO NOTHING
            """)
        return id
    }
}
