internal import CanonicalJSON
internal import Imaging
internal import SQLInterface
internal import Warehouse

/// Reads back the slices of a stored series, as far as ordering it again needs them.
struct StoredSlices: Sendable {
    let connection: any WarehouseConnection

    /// - Parameter plan: knows the names of files that are stored as tokens.
    func read(seriesID: Int64, patientID: Int64, plan: RunPlan) async throws -> VariantSlices {
        let headers = try await headers(seriesID: seriesID, patientID: patientID)
        let names = try await names(seriesID: seriesID, patientID: patientID, plan: plan)
        let rows = try await connection.rows(
            """
            SELECT slice_id, slice_key, slice_index, frame_number, instance_number, pixel_type, rows, columns,
                samples_per_pixel, rescale_slope
            FROM slice WHERE patient_id = \(patientID) AND series_id = \(seriesID) ORDER BY slice_index
            """)
        var places = StoredPlaces()
        var slices = VariantSlices(records: [], headers: [])
        for row in rows {
            let id: Int64 = try row.get("slice_id")
            let header = headers[id] ?? [:]
            slices.headers.append(header)
            slices.records.append(try record(row, id: id, name: names[id], header: header, places: &places))
        }
        return slices
    }

    /// What all slices of a series share; the whole header of an object.
    func common(seriesID: Int64, patientID: Int64) async throws -> HeaderAccumulator.Header {
        let rows = try await connection.rows(
            "SELECT header FROM series_header WHERE patient_id = \(patientID) AND series_id = \(seriesID)")
        return try fragments(rows.first?.get("header", as: String.self))
    }

    /// The whole header of each slice, by id.
    func headers(seriesID: Int64, patientID: Int64) async throws -> [Int64: HeaderAccumulator.Header] {
        let shared = try await common(seriesID: seriesID, patientID: patientID)
        let rows = try await connection.rows(
            """
            SELECT slice.slice_id, slice_header.header FROM slice
            LEFT JOIN slice_header
                ON slice_header.patient_id = slice.patient_id AND slice_header.slice_id = slice.slice_id
            WHERE slice.patient_id = \(patientID) AND slice.series_id = \(seriesID)
            """)
        var headers: [Int64: HeaderAccumulator.Header] = [:]
        for row in rows {
            let own = try fragments(row.get("header", as: String?.self))
            headers[try row.get("slice_id")] = shared.merging(own) { _, own in own }
        }
        return headers
    }

    /// The name of the first file of each slice; a token that the run cannot resolve names none.
    private func names(seriesID: Int64, patientID: Int64, plan: RunPlan) async throws -> [Int64: String] {
        let rows = try await connection.rows(
            """
            SELECT slice.slice_id, source_file.relative_path FROM slice
            JOIN slice_source ON slice_source.patient_id = slice.patient_id AND slice_source.slice_id = slice.slice_id
            JOIN source_file ON source_file.source_file_id = slice_source.source_file_id
            WHERE slice.patient_id = \(patientID) AND slice.series_id = \(seriesID)
            """)
        let paths = try rows.map { try $0.get("relative_path", as: String.self) }
        let real = try await plan.paths(ofStored: Set(paths))
        var names: [Int64: String] = [:]
        for (row, path) in zip(rows, paths) {
            guard let name = real[path] ?? (path.hasPrefix(Pseudonymizer.pathPrefix) ? nil : path) else { continue }
            let id: Int64 = try row.get("slice_id")
            if names[id].map({ name.utf8.lexicographicallyPrecedes($0.utf8) }) ?? true { names[id] = name }
        }
        return names
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
        _ row: Row, id: Int64, name: String?, header: HeaderAccumulator.Header, places: inout StoredPlaces
    ) throws -> SliceRecord {
        let number: Int? = try row.get("instance_number")
        let frame: Int? = try row.get("frame_number")
        let key: String = try row.get("slice_key")
        let index: Int = try row.get("slice_index")
        let place = places.place(header: header, frame: (frame ?? 1) - 1)
        let pixels = PixelDescription(
            type: PixelType(rawValue: try row.get("pixel_type")) ?? .u8, rows: try row.get("rows"),
            columns: try row.get("columns"), samplesPerPixel: try row.get("samples_per_pixel"))
        let attributes = FrameAttributes(header: header, frame: frame, groups: places.groups(header: header))
        return SliceRecord(
            sliceID: id, isNew: false,
            candidate: SliceCandidate(
                plane: place.plane, sliceLocation: place.sliceLocation, instanceNumber: number,
                name: name.map { $0 + (frame.map { "#\($0)" } ?? "") } ?? "\(index)",
                traits: attributes.traits(pixels)),
            pixels: pixels, hasRescale: try row.get("rescale_slope", as: Double?.self) != nil,
            mergeKey: SliceKey.mergeKey(of: key), prepared: nil)
    }

    /// Members of a header object as canonical fragments, whatever form the engine gives the JSON back in.
    private func fragments(_ text: String?) throws -> HeaderAccumulator.Header {
        guard let text else { return [:] }
        return try JSONValue(parsing: text).object?.mapValues(\.text) ?? [:]
    }
}
