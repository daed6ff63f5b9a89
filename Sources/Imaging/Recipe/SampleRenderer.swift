/// Makes samples by a recipe: stored slices in, the bytes that a model sees out, into memory of the caller.
///
/// Geometric steps that change nothing are as if absent. A recipe without others is one table look-up a sample, from the stored values straight into the batch.
/// A renderer may be used by many threads, a ``SampleWorkspace`` by one.
package struct SampleRenderer: Sendable {
    package let recipe: SampleRecipe
    let stages: [SampleStage]

    package init(recipe: SampleRecipe) {
        self.recipe = recipe
        stages = SampleStage.compile(recipe.steps)
    }

    /// The shape of every sample made from this extent.
    ///
    /// **Throws** `invalidRecipe` where a step cannot take it.
    package func shape(of extent: SampleExtent) throws(ImagingError) -> SampleShape {
        var planes = planes(of: extent)
        for stage in stages { planes = try planes.after(stage) }
        let colours = extent.samplesPerPixel * (recipe.layout.hasDepth ? 1 : extent.slices)
        return SampleShape(
            channels: colours * stages.reduce(1) { $0 * $1.branches }, slices: planes.slices, rows: planes.rows,
            columns: planes.columns, layout: recipe.layout, dtype: recipe.dtype, maskDType: recipe.mask.dtype)
    }

    /// Makes one sample.
    ///
    /// - Parameters:
    ///   - frames: The slices in order, all of one shape and number of samples.
    ///   - region: What is taken of each slice; nil takes all of it. Frames may be bands that hold the rows of the region.
    ///   - spacing: Between slices, rows and columns, mm; nil where unknown.
    ///   - change: The augmentation, see ``SampleAugmentation/change(seed:epoch:sampleNumber:)``; nil for none.
    ///   - target: Of ``SampleShape/byteCount`` bytes, aligned to the type.
    /// **Throws** `invalidRecipe` for frames that differ, or that a step cannot take.
    package func render(
        _ frames: [SampleFrame], region: SampleRegion? = nil, spacing: SIMD3<Double>? = nil,
        change: SampleChange? = nil, mask: SampleMaskSource? = nil, into target: UnsafeMutableRawBufferPointer,
        mask maskTarget: UnsafeMutableRawBufferPointer? = nil, workspace: SampleWorkspace
    ) throws(ImagingError) {
        let extent = try Self.extent(of: frames, region: region, spacing: spacing)
        let shape = try shape(of: extent)
        precondition(target.count >= shape.byteCount, "the sample fits its place")
        let pruned = try pruned(for: extent, workspace)
        var boxes: [PixelBox] = []
        if pruned.isFused(frames, change) {
            unsafe pruned.renderFused(frames, region, shape, change, into: target, workspace)
        } else {
            boxes = try unsafe pruned.renderPlanes(frames, region, extent, change, into: target, workspace)
        }
        guard let maskTarget = unsafe maskTarget else { return }
        precondition(maskTarget.count >= shape.maskByteCount, "the mask fits its place")
        let source = mask ?? SampleMaskSource(slices: [])
        try unsafe pruned.renderMask(
            source, extent, region: region, boxes: boxes, change, shape, into: maskTarget, workspace)
    }

    /// The renderer without the steps that change nothing of this extent; the same for most samples of a thread.
    private func pruned(
        for extent: SampleExtent, _ workspace: SampleWorkspace
    ) throws(ImagingError) -> SampleRenderer {
        if let known = workspace.pruned, known.extent == extent, known.recipe == recipe { return known.renderer }
        let renderer = SampleRenderer(recipe: recipe, stages: try SampleStage.pruned(stages, for: planes(of: extent)))
        // Tables hold what the first stage makes of stored values.
        if workspace.pruned?.renderer.stages.first != renderer.stages.first || workspace.pruned?.recipe != recipe {
            workspace.forgetTables()
        }
        workspace.pruned = (extent, recipe, renderer)
        return renderer
    }

    private init(recipe: SampleRecipe, stages: [SampleStage]) {
        self.recipe = recipe
        self.stages = stages
    }

    /// What the first step gets: without a depth axis each slice by itself.
    func planes(of extent: SampleExtent) -> StageExtent {
        StageExtent(
            slices: recipe.layout.hasDepth ? extent.slices : 1, rows: extent.rows, columns: extent.columns,
            spacing: extent.spacing)
    }

    private static func extent(
        of frames: [SampleFrame], region: SampleRegion?, spacing: SIMD3<Double>?
    ) throws(ImagingError) -> SampleExtent {
        guard let first = frames.first else { throw .invalidRecipe(reason: "a sample needs at least one slice") }
        for frame in frames
        where frame.rows != first.rows || frame.columns != first.columns
            || frame.samplesPerPixel != first.samplesPerPixel
        {
            throw .invalidRecipe(
                reason:
                    "the slices of one sample differ: \(first.rows) x \(first.columns) x \(first.samplesPerPixel) and "
                    + "\(frame.rows) x \(frame.columns) x \(frame.samplesPerPixel)")
        }
        return SampleExtent(
            slices: frames.count, rows: region?.rows ?? first.rows, columns: region?.columns ?? first.columns,
            samplesPerPixel: first.samplesPerPixel, spacing: spacing)
    }

    func rule(_ frame: SampleFrame) -> StoredValueRule { StoredValueRule(recipe.values, frame) }
}
