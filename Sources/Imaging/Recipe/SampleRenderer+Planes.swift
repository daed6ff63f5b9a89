// Through float planes: what geometric steps, statistics of the sample or an augmentation need.
extension SampleRenderer {
    /// Returns the boxes that `crop_black_borders` kept, for the mask.
    func renderPlanes(
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
        let rule = rule(frame)
        guard SampleLoading.hasTable(frame.type) else {
            return loading.byChain(chains[branch], rule: rule, sample: sample, to: target)
        }
        let table = workspace.floatTables.table(type: frame.type, rule: rule, chains: chains) { Float($0) }
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
