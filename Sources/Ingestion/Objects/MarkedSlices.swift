internal import Imaging
internal import SQLInterface
internal import Warehouse

/// The slices of the image series that an object marks, found as DICOM names them: by instance and frame, or by place.
struct MarkedSlices: Sendable {
    struct Slice: Sendable {
        let id: Int64
        let seriesID: Int64
        let index: Int
        let rows: Int
        let columns: Int
        let plane: SlicePlane?
    }

    /// By series and slice index.
    let all: [Slice]
    /// The image series, the first that the object names first.
    let seriesIDs: [Int64]
    private let byKey: [String: Int]

    /// Positions are decimal text of six or more digits; two of one plane differ by less. **Units** mm
    static let placeTolerance = 1e-3

    /// The slice that an instance, or a frame of one, became.
    func slice(of source: SegmentationHeader.Source) -> Slice? {
        let uid = source.sopInstanceUID
        // Writers name frame 1 of images that have one frame, and no frame of files that have one; no frame of several
        // is all of them.
        let isSingle = source.frame ?? 1 == 1 && byKey[SliceKey.sop(uid, frame: 2)] == nil
        let keys =
            [SliceKey.sop(uid, frame: source.frame)]
            + (isSingle ? [SliceKey.sop(uid, frame: nil), SliceKey.sop(uid, frame: 1)] : [])
        return keys.lazy.compactMap { byKey[$0] }.first.map { all[$0] }
    }

    /// The slice whose raster lies on a plane of this size.
    func slice(on plane: SlicePlane, rows: Int, columns: Int) -> Slice? {
        all.first { slice in
            slice.rows == rows && slice.columns == columns
                && slice.plane?.coincides(
                    with: plane, rows: rows, columns: columns, tolerance: Self.placeTolerance) == true
        }
    }

    /// The slice whose plane holds a point, to a tolerance in mm; of several the nearest.
    func slice(through point: SIMD3<Double>, tolerance: Double) -> Slice? {
        let near = all.compactMap { slice in
            slice.plane.map { (slice: slice, distance: abs($0.pixel(world: point).distance)) }
        }
        return near.filter { $0.distance <= tolerance }.min { $0.distance < $1.distance }?.slice
    }
}

extension MarkedSlices {
    /// The series of a patient that an object marks.
    ///
    /// - Parameters:
    ///   - series: Series Instance UIDs that the object names. Where it names none, the series of the `instances` count,
    ///     and where it names none of these either, those of the frame of reference.
    init(
        of patientID: Int64, series: [String], instances: [String], frameOfReferenceUID: String?,
        on connection: any WarehouseConnection
    ) async throws {
        let finder = MarkedImageFinder(patientID: patientID, connection: connection)
        let ids =
            if !series.isEmpty {
                try await finder.series(uids: series)
            } else if !instances.isEmpty {
                try await finder.series(holding: instances)
            } else {
                try await finder.series(in: frameOfReferenceUID)
            }
        var all: [Slice] = []
        var byKey: [String: Int] = [:]
        for id in ids {
            for (key, slice) in try await finder.slices(of: id) {
                byKey[key] = all.count
                all.append(slice)
            }
        }
        self.init(all: all, seriesIDs: ids, byKey: byKey)
    }
}

/// Reads the image series of one patient.
private struct MarkedImageFinder {
    let patientID: Int64
    let connection: any WarehouseConnection

    /// In the order of the UIDs.
    func series(uids: [String]) async throws -> [Int64] {
        let found = try await select("series.series_instance_uid IN \(list: uids)")
        return uids.flatMap { uid in found.filter { $0.uid == uid }.map(\.id) }
    }

    func series(holding instances: [String]) async throws -> [Int64] {
        var found: [Int64] = []
        for start in stride(from: 0, to: instances.count, by: 500) {
            let page = Array(instances[start..<min(start + 500, instances.count)])
            let condition: SQL = """
                series.series_id IN (SELECT slice.series_id FROM slice
                    WHERE slice.patient_id = \(patientID) AND slice.sop_instance_uid IN \(list: page))
                """
            for item in try await select(condition) where !found.contains(item.id) { found.append(item.id) }
        }
        return found
    }

    func series(in frameOfReferenceUID: String?) async throws -> [Int64] {
        guard let frameOfReferenceUID else { return [] }
        return try await select(
            "series.frame_of_reference_uid = \(frameOfReferenceUID) AND series.derived_from IS NULL"
        ).map(\.id)
    }

    private func select(_ condition: SQL) async throws -> [(id: Int64, uid: String?)] {
        try await connection.rows(
            """
            SELECT series.series_id, series.series_instance_uid FROM series
            WHERE series.patient_id = \(patientID) AND series.role = 'image' AND series.variant = 0
                AND series.companion_of IS NULL AND \(sql: condition)
            ORDER BY series.series_key, series.series_id
            """
        ).map { (try $0.get("series_id"), try $0.get("series_instance_uid")) }
    }

    /// With their slice keys, by slice index.
    func slices(of seriesID: Int64) async throws -> [(key: String, slice: MarkedSlices.Slice)] {
        let headers = try await StoredSlices(connection: connection).headers(seriesID: seriesID, patientID: patientID)
        let rows = try await connection.rows(
            """
            SELECT slice_id, slice_key, slice_index, frame_number, rows, columns FROM slice
            WHERE patient_id = \(patientID) AND series_id = \(seriesID) ORDER BY slice_index
            """)
        var places = StoredPlaces()
        return try rows.map { row in
            let id: Int64 = try row.get("slice_id")
            let frame: Int? = try row.get("frame_number")
            let place = places.place(header: headers[id] ?? [:], frame: (frame ?? 1) - 1)
            return (
                try row.get("slice_key"),
                MarkedSlices.Slice(
                    id: id, seriesID: seriesID, index: try row.get("slice_index"), rows: try row.get("rows"),
                    columns: try row.get("columns"), plane: place.plane)
            )
        }
    }
}
