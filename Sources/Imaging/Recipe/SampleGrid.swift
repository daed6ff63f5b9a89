/// Where the voxels of a rendered sample lie among those that it was made of: `source = index * step + start` on each axis.
package struct SampleGrid: Sendable, Equatable {
    /// Slices, rows, columns.
    package private(set) var step = SIMD3<Double>(1, 1, 1)
    package private(set) var start = SIMD3<Double>()

    fileprivate mutating func follow(
        _ stage: SampleStage, from old: StageExtent, to new: StageExtent
    ) throws(ImagingError) {
        switch stage {
        case .map, .standardize: break
        case .crop:
            let offset = SIMD3(
                Double(old.slices / 2 - new.slices / 2), Double(old.rows / 2 - new.rows / 2),
                Double(old.columns / 2 - new.columns / 2))
            start += step * offset
        case .cropBlackBorders:
            throw .invalidRecipe(reason: "crop_black_borders leaves no place that is known before the values are")
        case .resize, .resample:
            // Outer edges stay where they are, so centres move.
            let ratio = old.sides / new.sides
            start += step * (ratio / 2 - 0.5)
            step *= ratio
        }
    }
}

extension SampleRenderer {
    /// Where the voxels of every sample made from this extent lie in it.
    ///
    /// **Throws** `invalidRecipe` where a step cannot take it, or cuts where the values say.
    package func grid(of extent: SampleExtent) throws(ImagingError) -> SampleGrid {
        var planes = planes(of: extent)
        var grid = SampleGrid()
        for stage in stages {
            let next = try planes.after(stage)
            try grid.follow(stage, from: planes, to: next)
            planes = next
        }
        return grid
    }
}

extension StageExtent {
    fileprivate var sides: SIMD3<Double> { SIMD3(Double(slices), Double(rows), Double(columns)) }
}
