/// Where in the patient a sample was taken.
package struct SamplePlace: Sendable {
    /// Of its series.
    private let grid: VolumeGeometry
    /// Column, row and slice of the first voxel in the grid; outside it where a crop was padded.
    private let first: SIMD3<Double>
    /// What the first step of the recipe gets.
    private let extent: SampleExtent

    /// A sample as it was frozen. Without a depth axis it lies where the slice does that names it, which is that of its
    /// mask; a volume where its middle slice does.
    ///
    /// - Parameters:
    ///   - centre: Column, row and slice of a crop.
    ///   - index: Of the slice that names it in the series, where one does.
    /// Nil where these do not say where it lies.
    package init?(
        _ form: SampleForm, centre: SIMD3<Double>?, slice index: Int?, layout: SampleRecipe.Layout,
        in grid: VolumeGeometry
    ) {
        self.grid = grid
        let depth = layout.hasDepth
        var (column, row, slice, count) = (0, 0, index, 1)
        var (rows, columns) = (grid.rows, grid.columns)
        switch form {
        case .slice, .image: break
        case .volume: (slice, count) = (depth ? 0 : grid.slices / 2, grid.slices)
        case .context(let neighbours):
            (slice, count) = (index.map { $0 - (depth ? neighbours : 0) }, 2 * neighbours + 1)
        case .crop(let shape, let outside):
            guard let centre,
                let through = CropPlacement(
                    centre: centre.z, size: shape.slices, count: grid.slices, outside: outside),
                let region = shape.region(
                    column: centre.x, row: centre.y, ofRows: grid.rows, columns: grid.columns, outside: outside)
            else { return nil }
            (column, row, slice) = (region.firstColumn, region.firstRow, depth ? through.first : index)
            (count, rows, columns) = (shape.slices, shape.rows, shape.columns)
        }
        guard let slice else { return nil }
        first = SIMD3(Double(column), Double(row), Double(slice))
        extent = SampleExtent(
            slices: count, rows: rows, columns: columns,
            spacing: SIMD3(grid.sliceSpacing, grid.rowSpacing, grid.columnSpacing))
    }

    /// From voxels of what the recipe makes of it to world, LPS. **Units** mm
    ///
    /// **Throws** `invalidRecipe` for a recipe that cuts where the values say.
    package func lpsAffine(_ renderer: SampleRenderer) throws(ImagingError) -> VoxelAffine {
        let sample = try renderer.grid(of: extent)
        let whole = grid.lpsAffine
        return VoxelAffine(
            i: whole.i * sample.step.z, j: whole.j * sample.step.y, k: whole.k * sample.step.x,
            translation: whole.world(
                i: first.x + sample.start.z, j: first.y + sample.start.y, k: first.z + sample.start.x))
    }
}
