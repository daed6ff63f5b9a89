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
        for row in rows {
            let own = try fragments(row.get("header", as: String?.self))
            let header = shared.merging(own) { _, own in own }
            slices.headers.append(header)
            slices.records.append(try record(row, header: header))
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

    private func record(_ row: Row, header: HeaderAccumulator.Header) throws -> SliceRecord {
        let number: Int? = try row.get("instance_number")
        let key: String = try row.get("slice_key")
        let facts = StoredPlane(header: header)
        return SliceRecord(
            sliceID: try row.get("slice_id"), isNew: false,
            candidate: SliceCandidate(
                plane: facts.plane, sliceLocation: facts.sliceLocation, instanceNumber: number, name: key),
            pixels: PixelDescription(
                type: PixelType(rawValue: try row.get("pixel_type")) ?? .u8, rows: try row.get("rows"),
                columns: try row.get("columns"), samplesPerPixel: try row.get("samples_per_pixel")),
            mergeKey: SliceKey.mergeKey(sliceKey: key, instanceNumber: number), prepared: nil)
    }

    /// Members of a header object as canonical fragments, whatever form the engine gives the JSON back in.
    private func fragments(_ text: String?) throws -> HeaderAccumulator.Header {
        guard let text else { return [:] }
        return try JSONValue(parsing: text).object?.mapValues(\.text) ?? [:]
    }
}

/// Where a stored slice lies, from its DICOM JSON.
private struct StoredPlane {
    let plane: SlicePlane?
    let sliceLocation: Double?

    init(header: HeaderAccumulator.Header) {
        func numbers(_ tag: String) -> [Double]? {
            guard let fragment = header[tag], let attribute = try? JSONValue(parsing: fragment) else { return nil }
            let values = attribute["Value"]?.array?.compactMap { value in
                value.number ?? value.string.flatMap { Double($0.trimmingSpaces()) }
            }
            return values?.isEmpty == false ? values : nil
        }
        sliceLocation = numbers("00201041")?.first
        if let position = numbers("00200032"), let orientation = numbers("00200037"), let spacing = numbers("00280030")
        {
            plane = try? SlicePlane(
                imagePosition: position, imageOrientation: orientation, pixelSpacing: spacing)
        } else {
            plane = nil
        }
    }
}

extension String {
    fileprivate func trimmingSpaces() -> Substring {
        var text = self[...]
        while text.first == " " { text.removeFirst() }
        while text.last == " " { text.removeLast() }
        return text
    }
}
