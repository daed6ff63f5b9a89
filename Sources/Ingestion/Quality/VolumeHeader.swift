internal import Catalogue
internal import Imaging
internal import SQLInterface
internal import Warehouse

/// What the header of a NIfTI or MetaImage file says of voxels that are stored already.
struct VolumeHeader: Sendable {
    /// `nil` for files of several volumes.
    let geometry: VolumeGeometry?
    let rescale: Rescale?
    /// One of the slices that are stored.
    let place: SeriesDraft.FramePlace

    /// `nil` where all voxels of the file are new.
    init?(of file: PreparedFile, _ slices: [PreparedSlice], at places: [SeriesDraft.FramePlace]) {
        guard let known = zip(slices, places).first(where: { !$0.1.isNew }) else { return nil }
        geometry = file.geometry
        rescale = known.0.rescale
        place = known.1
    }

    /// In what it differs from what is stored: `origin`, `spacing` and `direction` of the grid, `grid` where only one
    /// of them has one, `rescale`; in order of the words.
    func differences(
        fromSeries seriesID: Int64, slice sliceID: Int64, patientID: Int64, on connection: any WarehouseConnection
    ) async throws -> [String] {
        // The patient's own row is written after the series of a batch, so that it is not asked for.
        let grids = try await connection.rows(
            """
            SELECT \(sql: StoredGrid.selection) FROM series
            WHERE series.patient_id = \(patientID) AND series.series_id = \(seriesID)
            """)
        let slices = try await connection.rows(
            """
            SELECT rescale_slope, rescale_intercept FROM slice
            WHERE patient_id = \(patientID) AND slice_id = \(sliceID)
            """)
        guard let grid = grids.first, let slice = slices.first else { return [] }
        let isScaledOtherwise = try Self.rescale(slice) != rescale
        return try (gridDifferences(from: grid) + (isScaledOtherwise ? ["rescale"] : [])).sorted()
    }

    private static func rescale(_ slice: Row) throws -> Rescale? {
        let slope: Double? = try slice.get("rescale_slope")
        let intercept: Double? = try slice.get("rescale_intercept")
        return slope.flatMap { slope in intercept.map { Rescale(slope: slope, intercept: $0) } }
    }

    private func gridDifferences(from series: Row) throws -> [String] {
        let stored = try StoredGrid.geometry(of: series)
        if let stored, let geometry { return geometry.differences(from: stored) }
        // A series of several files has no grid of its own, whatever each of them says.
        let sliceCount: Int = try series.get("slice_count")
        return stored == nil && geometry?.slices != sliceCount ? [] : ["grid"]
    }
}

extension VolumeGeometry {
    /// Of spacings in mm and of the parts of unit vectors: what single precision rounds away.
    private static let rounding = 1e-6

    fileprivate func differences(from other: VolumeGeometry) -> [String] {
        func differ(_ own: [Double], _ others: [Double], by tolerance: Double) -> Bool {
            zip(own, others).contains { abs($0 - $1) > tolerance }
        }
        var words: [String] = []
        if differ(directions, other.directions, by: Self.rounding) { words.append("direction") }
        if differ(parts(origin), parts(other.origin), by: GridAlignment.tolerance) { words.append("origin") }
        if differ(spacings, other.spacings, by: Self.rounding) { words.append("spacing") }
        return words
    }

    private var directions: [Double] { parts(rowDirection) + parts(columnDirection) + parts(sliceDirection) }
    private var spacings: [Double] { [columnSpacing, rowSpacing, sliceSpacing] }

    private func parts(_ vector: SIMD3<Double>) -> [Double] { [vector.x, vector.y, vector.z] }
}
