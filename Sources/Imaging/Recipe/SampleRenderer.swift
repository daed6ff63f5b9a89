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
        let hasDepth = recipe.layout.hasDepth
        var planes = StageExtent(
            slices: hasDepth ? extent.slices : 1, rows: extent.rows, columns: extent.columns, spacing: extent.spacing)
        for stage in stages { planes = try planes.after(stage) }
        let colours = extent.samplesPerPixel * (hasDepth ? 1 : extent.slices)
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
        let planes = StageExtent(
            slices: recipe.layout.hasDepth ? extent.slices : 1, rows: extent.rows, columns: extent.columns,
            spacing: extent.spacing)
        let renderer = SampleRenderer(recipe: recipe, stages: try SampleStage.pruned(stages, for: planes))
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

    func rescale(_ frame: SampleFrame) -> Rescale {
        recipe.values == .stored ? .identity : frame.rescale ?? .identity
    }

    // MARK: One look-up a sample

    private func isFused(_ frames: [SampleFrame], _ change: SampleChange?) -> Bool {
        guard frames.allSatisfy({ SampleLoading.hasTable($0.type) }) else { return false }
        if let change, change.isAffine || change.noise > 0 || change.flipsSlices { return false }
        switch stages.count {
        case 0: return true
        case 1: if case .map = stages[0] { return true } else { return false }
        default: return false
        }
    }

    private var firstChains: [[ValueMap]] {
        if case .map(let chains) = stages.first { chains } else { [[]] }
    }

    private func renderFused(
        _ frames: [SampleFrame], _ region: SampleRegion?, _ shape: SampleShape, _ change: SampleChange?,
        into target: UnsafeMutableRawBufferPointer, _ workspace: SampleWorkspace
    ) {
        switch recipe.dtype {
        case .uint8:
            unsafe fill(target, frames, region, shape, change, &workspace.byteTables) {
                SampleEncoding.byte(Float($0))
            }
        case .int16:
            unsafe fill(target, frames, region, shape, change, &workspace.wordTables) {
                SampleEncoding.int16(Float($0))
            }
        case .float16:
            unsafe fill(target, frames, region, shape, change, &workspace.wordTables) {
                SampleEncoding.float16(Float($0))
            }
        case .float32:
            unsafe fill(target, frames, region, shape, change, &workspace.floatTables) { Float($0) }
        }
    }

    private func fill<Word: BitwiseCopyable>(
        _ target: UnsafeMutableRawBufferPointer, _ frames: [SampleFrame], _ region: SampleRegion?,
        _ shape: SampleShape, _ change: SampleChange?, _ tables: inout ValueTables<Word>,
        encode: (Double) -> Word
    ) {
        let chains = firstChains
        guard let base = unsafe target.baseAddress?.assumingMemoryBound(to: Word.self) else { return }
        let mirrored = (rows: change?.flipsRows ?? false, columns: change?.flipsColumns ?? false)
        for (index, frame) in frames.enumerated() {
            let table = tables.table(type: frame.type, rescale: rescale(frame), chains: chains, encode: encode)
            let patterns = table.count / chains.count
            let loading = SampleLoading(frame, region: region)
            unsafe table.withUnsafeBufferPointer { table in
                guard let first = table.baseAddress else { return }
                for sample in 0..<frame.samplesPerPixel {
                    for chain in chains.indices {
                        let place = self.place(frame: index, sample: sample, branch: chain, chains.count, shape, frame)
                        let target = unsafe SampleTarget(
                            start: base + place.start, step: place.step, rowStep: place.rowStep)
                        unsafe loading.byTable(
                            first + chain * patterns, sample: sample, mirrored: mirrored, to: target)
                    }
                }
            }
        }
    }

    /// Where a channel of a frame begins in a sample, in elements.
    private func place(
        frame index: Int, sample: Int, branch: Int, _ branches: Int, _ shape: SampleShape, _ frame: SampleFrame
    ) -> (start: Int, step: Int, rowStep: Int) {
        let hasDepth = recipe.layout.hasDepth
        let colour = hasDepth ? sample : index * frame.samplesPerPixel + sample
        let channel = colour * branches + branch
        let slice = hasDepth ? index : 0
        let plane = shape.rows * shape.columns
        if recipe.layout.isChannelsLast {
            return (slice * plane * shape.channels + channel, shape.channels, shape.columns * shape.channels)
        }
        return ((channel * shape.slices + slice) * plane, 1, shape.columns)
    }

    // MARK: Through float planes

    /// Returns the boxes that `crop_black_borders` kept, for the mask.
    private func renderPlanes(
        _ frames: [SampleFrame], _ region: SampleRegion?, _ extent: SampleExtent, _ change: SampleChange?,
        into target: UnsafeMutableRawBufferPointer, _ workspace: SampleWorkspace
    ) throws(ImagingError) -> [PixelBox] {
        var planes = load(frames, region, extent, workspace)
        let rest = stages.dropFirst(planes.isMapped ? 1 : 0)
        var boxes: [PixelBox] = []
        for stage in rest { try apply(stage, to: &planes.planes, &boxes, workspace) }
        if let change { self.apply(change, to: planes.planes, workspace) }
        unsafe write(planes.planes, into: target, workspace)
        return boxes
    }

    private func load(
        _ frames: [SampleFrame], _ region: SampleRegion?, _ extent: SampleExtent, _ workspace: SampleWorkspace
    ) -> (planes: SamplePlanes, isMapped: Bool) {
        let hasDepth = recipe.layout.hasDepth
        let chains = firstChains
        let colours = extent.samplesPerPixel * (hasDepth ? 1 : extent.slices)
        let planes = SamplePlanes(
            channels: colours * chains.count,
            extent: StageExtent(
                slices: hasDepth ? extent.slices : 1, rows: extent.rows, columns: extent.columns,
                spacing: extent.spacing))
        let base = unsafe workspace.front.reserve(planes.count)
        for (index, frame) in frames.enumerated() {
            let loading = SampleLoading(frame, region: region)
            for sample in 0..<frame.samplesPerPixel {
                let colour = hasDepth ? sample : index * frame.samplesPerPixel + sample
                for branch in chains.indices {
                    let plane = (colour * chains.count + branch) * planes.extent.slices + (hasDepth ? index : 0)
                    let target = unsafe SampleTarget(
                        start: base + plane * planes.planeSize, step: 1, rowStep: extent.columns)
                    load(loading, sample, chains, branch, to: target, workspace)
                }
            }
        }
        if case .map = stages.first { return (planes, true) }
        return (planes, false)
    }

    private func load(
        _ loading: SampleLoading, _ sample: Int, _ chains: [[ValueMap]], _ branch: Int,
        to target: SampleTarget<Float>, _ workspace: SampleWorkspace
    ) {
        let frame = loading.frame
        let rescale = rescale(frame)
        guard SampleLoading.hasTable(frame.type) else {
            return loading.byChain(chains[branch], rescale: rescale, sample: sample, to: target)
        }
        let table = workspace.floatTables.table(type: frame.type, rescale: rescale, chains: chains) { Float($0) }
        unsafe table.withUnsafeBufferPointer { buffer in
            guard let first = buffer.baseAddress else { return }
            unsafe loading.byTable(
                first + branch * (table.count / chains.count), sample: sample, mirrored: (false, false), to: target)
        }
    }

    private func apply(
        _ stage: SampleStage, to planes: inout SamplePlanes, _ boxes: inout [PixelBox], _ workspace: SampleWorkspace
    ) throws(ImagingError) {
        let old = planes.extent
        var next = try old.after(stage)
        switch stage {
        case .map(let chains): PlaneValues.map(chains, &planes, workspace)
        case .standardize(let mean, let deviation):
            PlaneValues.standardize(planes, mean: mean, deviation: deviation, workspace)
        case .crop(_, let fill):
            PlaneGeometry.crop(
                workspace.front, into: workspace.back, volumes: planes.channels, from: old, to: next,
                fill: Float(fill ?? 0))
            workspace.front.swap(with: workspace.back)
        case .cropBlackBorders(let threshold):
            let box = PlaneValues.brightBox(planes, threshold: threshold, workspace)
            boxes.append(box)
            (next.rows, next.columns) = (box.rowCount, box.columnCount)
            PlaneGeometry.copy(
                workspace.front, into: workspace.back, volumes: planes.channels, from: old, to: next,
                offset: (0, box.minimumRow, box.minimumColumn), fill: 0)
            workspace.front.swap(with: workspace.back)
        case .resize(_, let kernel), .resample(_, let kernel):
            PlaneResampling.resize(workspace, volumes: planes.channels, from: old, to: next, kernel: kernel)
        }
        planes.extent = next
    }

    private func apply(_ change: SampleChange, to planes: SamplePlanes, _ workspace: SampleWorkspace) {
        if change.flips {
            PlaneGeometry.flip(
                workspace.front, into: workspace.back, volumes: planes.channels, extent: planes.extent,
                change: change)
            workspace.front.swap(with: workspace.back)
        }
        if change.isAffine {
            AffineSampling(change, extent: planes.extent).image(
                workspace.front, into: workspace.back, planes: planes.channels * planes.extent.slices,
                fill: Float(change.fill))
            workspace.front.swap(with: workspace.back)
        }
        if change.noise > 0 { unsafe SampleNoise.add(change, to: workspace.front.start, count: planes.count) }
    }

    private func write(
        _ planes: SamplePlanes, into target: UnsafeMutableRawBufferPointer, _ workspace: SampleWorkspace
    ) {
        switch recipe.dtype {
        case .uint8: unsafe write(planes, target, workspace) { SampleEncoding.byte($0) }
        case .int16: unsafe write(planes, target, workspace) { SampleEncoding.int16($0) }
        case .float16: unsafe write(planes, target, workspace) { SampleEncoding.float16($0) }
        case .float32: unsafe write(planes, target, workspace) { $0 }
        }
    }

    @inline(__always)
    private func write<Word: BitwiseCopyable>(
        _ planes: SamplePlanes, _ target: UnsafeMutableRawBufferPointer, _ workspace: SampleWorkspace,
        _ encode: (Float) -> Word
    ) {
        guard let output = unsafe target.baseAddress?.assumingMemoryBound(to: Word.self) else { return }
        let input = unsafe UnsafePointer(workspace.front.start)
        let size = planes.volumeSize
        guard recipe.layout.isChannelsLast, planes.channels > 1 else {
            for index in 0..<planes.count { unsafe output[index] = encode(input[index]) }
            return
        }
        for channel in 0..<planes.channels {
            for index in 0..<size {
                unsafe output[index * planes.channels + channel] = encode(input[channel * size + index])
            }
        }
    }
}
