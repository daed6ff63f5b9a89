/// Where in the patient a sample was taken.
package struct SamplePlace: Sendable {
    /// Of its series.
    private let grid: VolumeGeometry
    /// Column, row and slice of the first voxel in the grid; outside it where a crop was padded.
    private let first: SIMD3<Double>
    /// Slices of the series from one of the sample to the next.
    private let sliceStep: Double
    /// What the first step of the recipe gets.
    private let extent: SampleExtent

    /// A sample as it was frozen, wherever its slices lie today: a series that grew counts them anew. Without a depth axis
    /// it lies where the slice does that names it, which is that of its mask; a volume where its middle slice does.
    ///
    /// - Parameters:
    ///   - centre: Column, row and slice of a crop.
    ///   - index: Of the slice that names it in the series, where one does.
    ///   - indices: Of its slices in the series, in order; empty for a sample of one slice. Where it reaches beyond the
    ///     volume the outermost repeats.
    /// Nil where these do not say where it lies: with a depth axis, where later slices lie between its own at uneven
    /// distances.
    package init?(
        _ form: SampleForm, centre: SIMD3<Double>?, slice index: Int?, slices indices: [Int],
        layout: SampleRecipe.Layout, in grid: VolumeGeometry
    ) {
        self.grid = grid
        var (column, row) = (0, 0)
        var (rows, columns) = (grid.rows, grid.columns)
        if case .crop(let shape, let outside) = form {
            guard let centre,
                let region = shape.region(
                    column: centre.x, row: centre.y, ofRows: grid.rows, columns: grid.columns, outside: outside)
            else { return nil }
            (column, row, rows, columns) = (region.firstColumn, region.firstRow, shape.rows, shape.columns)
        }
        let (isStack, run) = (form.hasSeveralSlices, SliceRun(indices))
        guard !isStack || !indices.isEmpty else { return nil }
        let middle = form == .volume ? indices[indices.count / 2] : index
        guard
            let slice = isStack && layout.hasDepth ? Self.first(of: run, form, centre: centre?.z ?? 0) : middle
        else { return nil }
        sliceStep = isStack ? Double(run.step ?? 1) : 1
        first = SIMD3(Double(column), Double(row), Double(slice))
        extent = SampleExtent(
            slices: isStack ? indices.count : 1, rows: rows, columns: columns,
            spacing: SIMD3(grid.sliceSpacing * sliceStep, grid.rowSpacing, grid.columnSpacing))
    }

    /// Where the first of these slices lies, or would lie where it repeats the outermost one.
    private static func first(of run: SliceRun, _ form: SampleForm, centre: Double) -> Int? {
        guard let start = run.start, run.isOneSlice else { return run.start }
        switch form {
        case .context(let neighbours): return start - neighbours
        case .crop where run.count > 1:
            // All are the outermost slice, which is nearest to the centre.
            let offset = centre - centre.rounded(.toNearestOrEven)
            return CropPlacement(centre: offset, size: run.count, count: 1, outside: .pad).map { start + $0.first }
        default: return start
        }
    }

    /// From voxels of what the recipe makes of it to world, LPS. **Units** mm
    ///
    /// **Throws** `invalidRecipe` for a recipe that cuts where the values say.
    package func lpsAffine(_ renderer: SampleRenderer) throws(ImagingError) -> VoxelAffine {
        let sample = try renderer.grid(of: extent)
        let whole = grid.lpsAffine
        return VoxelAffine(
            i: whole.i * sample.step.z, j: whole.j * sample.step.y, k: whole.k * (sample.step.x * sliceStep),
            translation: whole.world(
                i: first.x + sample.start.z, j: first.y + sample.start.y, k: first.z + sample.start.x * sliceStep))
    }
}
