internal import CanonicalJSON
internal import DICOM
internal import Datasets
internal import Imaging
internal import SQLInterface
internal import Warehouse

/// Reads back the slices of a stored series, as far as ordering it again needs them.
struct StoredSlices: Sendable {
    let connection: any WarehouseConnection

    func read(seriesID: Int64, patientID: Int64) async throws -> VariantSlices {
        let common = try await connection.rows(
            "SELECT header FROM series_header WHERE patient_id = \(patientID) AND series_id = \(seriesID)")
        let shared = try fragments(common.first?.get("header", as: String.self))
        let rows = try await connection.rows(
            """
            SELECT slice.*, slice_header.header FROM slice
            LEFT JOIN slice_header
                ON slice_header.patient_id = slice.patient_id AND slice_header.slice_id = slice.slice_id
            WHERE slice.patient_id = \(patientID) AND slice.series_id = \(seriesID) ORDER BY slice.slice_index
            """)
        var slices = VariantSlices(records: [], headers: [])
        var groups = FunctionalGroups(header: shared)
        for row in rows {
            let own = try fragments(row.get("header", as: String?.self))
            let header = shared.merging(own) { _, own in own }
            if own["52009230"] != nil || own["52009229"] != nil { groups = FunctionalGroups(header: header) }
            slices.headers.append(header)
            slices.records.append(try record(row, header: header, groups: groups))
        }
        return slices
    }

    /// How often the allow-list touched each path in the slices that are stored.
    func removed(seriesID: Int64, patientID: Int64) async throws -> [RemovedPath: Int] {
        let rows = try await connection.rows(
            """
            SELECT path, action, removed_count FROM header_removed
            WHERE patient_id = \(patientID) AND series_id = \(seriesID)
            """)
        var counts: [RemovedPath: Int] = [:]
        for row in rows {
            counts[RemovedPath(path: try row.get("path"), action: try row.get("action"))] = try row.get("removed_count")
        }
        return counts
    }

    private func record(
        _ row: Row, header: HeaderAccumulator.Header, groups: FunctionalGroups
    ) throws -> SliceRecord {
        let number: Int? = try row.get("instance_number")
        let key: String = try row.get("slice_key")
        let attributes = FrameAttributes(header: header, frame: try row.get("frame_number"), groups: groups)
        let pixels = PixelDescription(
            type: PixelType(rawValue: try row.get("pixel_type")) ?? .u8, rows: try row.get("rows"),
            columns: try row.get("columns"), samplesPerPixel: try row.get("samples_per_pixel"))
        return SliceRecord(
            sliceID: try row.get("slice_id"), isNew: false,
            candidate: SliceCandidate(
                plane: attributes.plane, sliceLocation: attributes.sliceLocation, instanceNumber: number, name: key,
                traits: attributes.traits(pixels)),
            pixels: pixels, mergeKey: SliceKey.mergeKey(sliceKey: key, instanceNumber: number), prepared: nil)
    }

    /// Members of a header object as canonical fragments, whatever form the engine gives the JSON back in.
    private func fragments(_ text: String?) throws -> HeaderAccumulator.Header {
        guard let text else { return [:] }
        return try JSONValue(parsing: text).object?.mapValues(\.text) ?? [:]
    }
}
