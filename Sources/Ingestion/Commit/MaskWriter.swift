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

    /// Which marks lie on slices of the images.
    struct Placement: Sendable {
        struct Placed: Sendable {
            let slice: Slice
            let imageSliceID: Int64
            let box: PixelBox
        }
        var placed: [Placed] = []
        /// Slices of the mask that mark something on slices that the images do not have.
        var orphans: Set<Int64> = []
        /// Slices of the mask that mark something and have another size than their image.
        var mismatched: Set<Int64> = []
    }

    /// Returns how many slice masks were written.
    func write(_ slices: [Slice], of plan: MaskPlan, in place: Place) async throws -> Int {
        let readerID = try await ReaderRegistry(connection: connection).id(of: plan.reader, datasetID: place.datasetID)
        let placed = try await placement(of: slices, in: place).placed
        var count = 0
        for region in plan.regions {
            let own = slices.filter { $0.marked.target == region.target }
            let annotationID = try await annotate(place, readerID: readerID, target: region.target, slices: own)
            let rows = placed.filter { $0.slice.marked.target == region.target }.map { item in
                AnnotationMaskRow(
                    patientID: place.patientID, annotationID: annotationID, sliceID: item.imageSliceID,
                    maskSliceID: item.slice.sliceID, marked: item.slice.marked, box: item.box
                ).values
            }
            try await connection.load(table: "annotation_mask", columns: AnnotationMaskRow.columns, rows: rows)
            count += rows.count
            try await AnnotationTotals(connection: connection).update(
                annotationID, on: place.imageSeriesID, of: place.patientID)
        }
        return count
    }

    /// Images and masks call a slice by one number.
    func placement(of slices: [Slice], in place: Place) async throws -> Placement {
        let images = try await imageSlices(of: place)
        var placement = Placement()
        for slice in slices {
            guard let box = slice.marked.mask.boundingBox else { continue }
            guard let number = slice.instanceNumber, let image = images[number] else {
                placement.orphans.insert(slice.sliceID)
                continue
            }
            guard image.rows == slice.rows, image.columns == slice.columns else {
                placement.mismatched.insert(slice.sliceID)
                continue
            }
            placement.placed.append(Placement.Placed(slice: slice, imageSliceID: image.id, box: box))
        }
        return placement
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

    // MARK: Findings

    /// Checks that say which marks have no place, and which images no mask.
    static let placeChecks = ["mask_slice_without_image", "mask_size_mismatch", MaskCoverage.check]

    /// What is odd about the places of marks.
    static func findings(_ placement: Placement, in place: Place) -> [Finding] {
        let subject = Finding.Subject.series(patientID: place.patientID, seriesID: place.maskSeriesID)
        var found: [Finding] = []
        if !placement.orphans.isEmpty {
            found.append(
                Finding(
                    check: placeChecks[0], severity: .warning, subject: subject,
                    sentence: "\(placement.orphans.count) mask slices mark something on slices that the image series "
                        + "does not have."))
        }
        if !placement.mismatched.isEmpty {
            found.append(
                Finding(
                    check: placeChecks[1], severity: .warning, subject: subject,
                    sentence: "\(placement.mismatched.count) mask slices have another size than the images they "
                        + "belong to."))
        }
        return found
    }
}
