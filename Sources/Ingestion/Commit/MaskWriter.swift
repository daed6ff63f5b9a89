internal import CanonicalJSON
internal import Datasets
internal import Imaging
internal import SQLInterface
internal import Warehouse

/// Derives annotations from the slices of a mask series: one marked object per image series, reader and region, one
/// run-length mask per slice that marks anything.
struct MaskWriter: Sendable {
    let connection: any WarehouseConnection
    let context: RunContext

    /// A slice of a mask series, with what it marks.
    struct Slice: Sendable {
        let sliceID: Int64
        let instanceNumber: Int?
        let rows: Int
        let columns: Int
        let marked: MarkedRegion
    }

    /// The mask series and the image series it belongs to.
    struct Place: Sendable {
        let datasetID: Int64
        let patientID: Int64
        let imageSeriesID: Int64
        let maskSeriesID: Int64
    }

    /// Returns how many slice masks were written.
    func write(_ slices: [Slice], of plan: MaskPlan, in place: Place, findings: inout [Finding]) async throws -> Int {
        let readerID = try await ReaderRegistry(connection: connection).id(of: plan.reader, datasetID: place.datasetID)
        var count = 0
        for region in plan.regions {
            let own = slices.filter { $0.marked.target == region.target }
            let annotationID = try await annotate(place, readerID: readerID, target: region.target, slices: own)
            count += try await addMasks(own, of: annotationID, in: place, findings: &findings)
            try await AnnotationTotals(connection: connection).update(
                annotationID, on: place.imageSeriesID, of: place.patientID)
        }
        return count
    }

    /// The annotation row and the reading that says somebody looked.
    private func annotate(
        _ place: Place, readerID: Int64, target: String, slices: [Slice]
    ) async throws -> Int64 {
        let natural: [SQLValue] = [.integer(place.imageSeriesID), .integer(readerID), .text(target)]
        let id = try await KeyResolver(connection: connection).resolve(
            natural, in: .annotation, of: place.patientID)
        let region = slices.first?.marked
        let rule: JSONValue = [
            "rule": .string(region?.rule ?? "none"), "threshold": .number(region?.threshold ?? 0),
            "source": "mask_series",
        ]
        try await connection.execute(
            """
            INSERT INTO annotation (patient_id, annotation_id, series_id, reader_id, annotation_key, kind, target,
                mask_series_id, rule, ingest_run_id)
            VALUES (\(place.patientID), \(id), \(place.imageSeriesID), \(readerID), \(target), 'mask',
                \(target), \(place.maskSeriesID), \(rule.text), \(context.runID)) ON CONFLICT DO NOTHING
            """)
        try await ReadingWriter(connection: connection).write(
            [.series(place.imageSeriesID, of: place.patientID)],
            readerID: readerID)
        return id
    }

    private func addMasks(
        _ slices: [Slice], of annotationID: Int64, in place: Place, findings: inout [Finding]
    ) async throws -> Int {
        let images = try await imageSlices(of: place)
        var rows: [[SQLValue]] = []
        var orphans = 0
        var mismatched = 0
        for slice in slices {
            guard let box = slice.marked.mask.boundingBox else { continue }
            guard let number = slice.instanceNumber, let image = images[number] else {
                orphans += 1
                continue
            }
            guard image.rows == slice.rows, image.columns == slice.columns else {
                mismatched += 1
                continue
            }
            rows.append(
                AnnotationMaskRow(
                    patientID: place.patientID, annotationID: annotationID, sliceID: image.id,
                    maskSliceID: slice.sliceID, marked: slice.marked, box: box
                ).values)
        }
        try await connection.load(table: "annotation_mask", columns: AnnotationMaskRow.columns, rows: rows)
        findings += complaints(orphans: orphans, mismatched: mismatched, in: place)
        return rows.count
    }

    private struct ImageSlice {
        let id: Int64
        let rows: Int
        let columns: Int
    }

    private func imageSlices(of place: Place) async throws -> [Int: ImageSlice] {
        let rows = try await connection.rows(
            """
            SELECT slice_id, instance_number, rows, columns FROM slice
            WHERE patient_id = \(place.patientID) AND series_id = \(place.imageSeriesID)
            AND instance_number IS NOT NULL
            """)
        var slices: [Int: ImageSlice] = [:]
        for row in rows {
            slices[try row.get("instance_number")] = ImageSlice(
                id: try row.get("slice_id"), rows: try row.get("rows"), columns: try row.get("columns"))
        }
        return slices
    }

    private func complaints(orphans: Int, mismatched: Int, in place: Place) -> [Finding] {
        let subject = Finding.Subject.series(patientID: place.patientID, seriesID: place.maskSeriesID)
        var found: [Finding] = []
        if orphans > 0 {
            found.append(
                Finding(
                    check: "mask_slice_without_image", severity: .warning, subject: subject,
                    sentence: "\(orphans) mask slices mark something on slices that the image series does not have."))
        }
        if mismatched > 0 {
            found.append(
                Finding(
                    check: "mask_size_mismatch", severity: .warning, subject: subject,
                    sentence: "\(mismatched) mask slices have another size than the images they belong to."))
        }
        return found
    }
}
