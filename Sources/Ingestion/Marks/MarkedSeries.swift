internal import Catalogue
internal import Datasets
internal import Imaging
internal import SQLInterface
internal import Warehouse

/// A stored image series as marks need it.
struct MarkedSeries: Sendable {
    let patientID: Int64
    let seriesID: Int64
    /// `nil` unless the series is a volume.
    let geometry: VolumeGeometry?
    /// mm; where only the planes agree, the series has it without being a volume.
    let pixelSpacing: (column: Double, row: Double)?
    /// Nominal. **Units** mm
    let sliceThickness: Double?

    /// One slice.
    struct Slice: Sendable {
        let id: Int64
        let index: Int
        let position: Double?
        let rows: Int
        let columns: Int
    }

    /// The slices of a series, found by what a contour says of its own.
    struct Slices: Sendable {
        let all: [Slice]
        private let byUID: [String: Slice]

        init(_ rows: [(slice: Slice, sopInstanceUID: String?)]) {
            all = rows.map(\.slice).sorted { $0.index < $1.index }
            byUID = Dictionary(
                rows.compactMap { row in row.sopInstanceUID.map { ($0, row.slice) } },
                uniquingKeysWith: { first, _ in first })
        }

        /// By SOP Instance UID, else by z, which must agree to 1e-3 mm.
        func slice(uid: String?, z: Double?, in geometry: VolumeGeometry?) -> Slice? {
            if let uid, let slice = byUID[uid] { return slice }
            guard let z, let geometry else { return nil }
            return all.first {
                abs(geometry.world(column: 0, row: 0, slice: Double($0.index)).z - z) < 1e-3
            }
        }
    }

    func slices(on connection: any WarehouseConnection) async throws -> Slices {
        let rows = try await connection.rows(
            """
            SELECT slice_id, slice_index, position_mm, rows, columns, sop_instance_uid FROM slice
            WHERE patient_id = \(patientID) AND series_id = \(seriesID)
            """)
        return Slices(
            try rows.map { row in
                (
                    Slice(
                        id: try row.get("slice_id"), index: try row.get("slice_index"),
                        position: try row.get("position_mm"), rows: try row.get("rows"),
                        columns: try row.get("columns")), try row.get("sop_instance_uid")
                )
            })
    }
}

/// Finds the image series of a data set that marks name.
struct MarkedSeriesFinder: Sendable {
    let connection: any WarehouseConnection
    let datasetID: Int64

    /// Series by the key that was asked for: their Series Instance UID or their natural key. Of several the one with
    /// most slices.
    func find(_ keys: [String]) async throws -> [String: MarkedSeries] {
        guard !keys.isEmpty else { return [:] }
        let rows = try await rows(
            """
            patient.dataset_id = \(datasetID) AND series.role = 'image' AND series.variant = 0
            AND series.derived_from IS NULL
            AND (series.series_instance_uid IN \(list: keys) OR series.series_key IN \(list: keys))
            """)
        let wanted = Set(keys)
        var found: [String: MarkedSeries] = [:]
        for row in rows {
            let series = try MarkedSeries(row: row)
            let uid: String? = try row.get("series_instance_uid")
            for key in [uid, try row.get("series_key")] {
                if let key, wanted.contains(key), found[key] == nil { found[key] = series }
            }
        }
        return found
    }

    /// A series by its id, if it has this role.
    func find(id: Int64, role: SeriesRole) async throws -> MarkedSeries? {
        try await rows("series.series_id = \(id) AND series.role = \(role.rawValue)").first.map(MarkedSeries.init(row:))
    }

    private func rows(_ condition: SQL) async throws -> RowSet {
        try await connection.rows(
            """
            SELECT series.patient_id, series.series_id, series.series_key, series.series_instance_uid,
                series.slice_thickness_mm, \(sql: StoredGrid.selection)
            FROM patient JOIN series ON series.patient_id = patient.patient_id
            WHERE \(sql: condition) ORDER BY series.slice_count DESC, series.series_key
            """)
    }
}

extension MarkedSeries {
    fileprivate init(row: Row) throws {
        patientID = try row.get("patient_id")
        seriesID = try row.get("series_id")
        sliceThickness = try row.get("slice_thickness_mm")
        let column: Double? = try row.get("column_spacing_mm")
        let rowSpacing: Double? = try row.get("row_spacing_mm")
        if let column, let rowSpacing { pixelSpacing = (column, rowSpacing) } else { pixelSpacing = nil }
        geometry = try StoredGrid.geometry(of: row)
    }
}
