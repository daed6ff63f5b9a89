internal import Catalogue
internal import Imaging
internal import SQLInterface
internal import Warehouse

/// Where in the patient a sample was taken.
struct SamplePlace: Sendable {
    let grid: VolumeGeometry
    /// Column, row and slice of the first voxel in the grid; outside it where a crop was padded.
    let first: SIMD3<Double>

    /// From voxels of the rendered sample to world, RAS. **Units** mm
    ///
    /// **Throws** `invalidRecipe` for a recipe that cuts where the values say.
    func affine(of part: SamplePart, _ renderer: SampleRenderer, region: SampleRegion?) throws -> VoxelAffine {
        guard let frame = part.frames.first else { return grid.rasAffine }
        let sample = try renderer.grid(
            of: SampleExtent(
                slices: part.frames.count, rows: region?.rows ?? frame.rows, columns: region?.columns ?? frame.columns,
                samplesPerPixel: frame.samplesPerPixel, spacing: part.sample.spacing))
        let whole = grid.rasAffine
        return VoxelAffine(
            i: whole.i * sample.step.z, j: whole.j * sample.step.y, k: whole.k * sample.step.x,
            translation: whole.world(
                i: first.x + sample.start.z, j: first.y + sample.start.y, k: first.z + sample.start.x))
    }

    /// The grids of the series that samples come from, by id; series that are no volume are missing.
    static func grids(
        of samples: [FrozenSample], on connection: any WarehouseConnection
    ) async throws -> [Int64: VolumeGeometry] {
        var grids: [Int64: VolumeGeometry] = [:]
        for row in try await connection.rows(
            """
            SELECT series.series_id, \(sql: StoredGrid.selection) FROM series
            WHERE series.patient_id IN \(list: Set(samples.map(\.patientID)).sorted())
                AND series.series_id IN \(list: Set(samples.map(\.seriesID)).sorted())
            """)
        { grids[try row.get("series_id")] = try StoredGrid.geometry(of: row) }
        return grids
    }
}

extension SampleForm {
    /// Where the first voxel of a sample lies. Without a depth axis a sample lies where the slice does that names it,
    /// which is that of its mask; a volume where its middle slice does.
    ///
    /// - Parameter index: Of the slice that names it in the series, where one does.
    func first(of sample: FrozenSample, slice index: Int?, depth: Bool, in grid: VolumeGeometry) -> SIMD3<Double>? {
        switch self {
        case .volume: return SIMD3(0, 0, depth ? 0 : Double(grid.slices / 2))
        case .slice, .image: return index.map { SIMD3(0, 0, Double($0)) }
        case .context(let neighbours):
            return index.map { SIMD3(0, 0, Double($0 - (depth ? neighbours : 0))) }
        case .crop(let shape, let outside):
            guard let centre = sample.centre,
                let slices = CropPlacement(
                    centre: centre.slice, size: shape.slices, count: grid.slices, outside: outside),
                let first = depth ? slices.first : index,
                let rows = CropPlacement(centre: centre.row, size: shape.rows, count: grid.rows, outside: outside),
                let columns = CropPlacement(
                    centre: centre.column, size: shape.columns, count: grid.columns, outside: outside)
            else { return nil }
            return SIMD3(Double(columns.first), Double(rows.first), Double(first))
        }
    }
}
