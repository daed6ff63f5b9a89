/// The marks of a sample, slice by slice: the union of the runs of each.
package struct SampleMaskSource: Sendable {
    /// One entry per slice where the layout has a D, else one entry, of the (middle) slice. Absent slices are unmarked.
    package let slices: [[RunLengthMask]]

    package init(slices: [[RunLengthMask]]) {
        self.slices = slices
    }
}

extension SampleRenderer {
    /// The mask of a sample: the geometric steps of the image on 0 and 1, so that the result has two values.
    func renderMask(
        _ source: SampleMaskSource, _ extent: SampleExtent, region: SampleRegion?, boxes: [PixelBox],
        _ change: SampleChange?, _ shape: SampleShape, into target: UnsafeMutableRawBufferPointer,
        _ workspace: SampleWorkspace
    ) throws(ImagingError) {
        var planes = StageExtent(
            slices: recipe.layout.hasDepth ? extent.slices : 1, rows: extent.rows, columns: extent.columns,
            spacing: extent.spacing)
        guard source.slices.count <= planes.slices else {
            throw .invalidRecipe(
                reason: "\(source.slices.count) slices have marks and the layout has \(planes.slices)")
        }
        try draw(source, planes, region, workspace)
        var boxes = boxes[...]
        for stage in stages { try apply(stage, to: &planes, &boxes, workspace) }
        if let change { apply(change, planes, workspace) }
        unsafe write(planes, shape, into: target, workspace)
    }

    private func draw(
        _ source: SampleMaskSource, _ planes: StageExtent, _ region: SampleRegion?, _ workspace: SampleWorkspace
    ) throws(ImagingError) {
        let size = planes.rows * planes.columns
        let raster = unsafe workspace.maskFront.reserve(planes.slices * size)
        unsafe raster.update(repeating: 0, count: planes.slices * size)
        for (slice, masks) in source.slices.enumerated() {
            for mask in masks {
                guard let region else {
                    guard mask.rows == planes.rows, mask.columns == planes.columns else {
                        throw .invalidMask(
                            reason: "a mask of \(mask.rows) x \(mask.columns) lies on a slice of "
                                + "\(planes.rows) x \(planes.columns)")
                    }
                    mask.forEachSetRun { run in
                        unsafe (raster + slice * size + run.lowerBound).update(repeating: 1, count: run.count)
                    }
                    continue
                }
                unsafe draw(mask, region, raster + slice * size, workspace)
            }
        }
    }

    /// A region repeats the border outside, as it does for the image.
    private func draw(
        _ mask: RunLengthMask, _ region: SampleRegion, _ raster: UnsafeMutablePointer<UInt8>,
        _ workspace: SampleWorkspace
    ) {
        let whole = unsafe workspace.maskBack.reserve(mask.rows * mask.columns)
        unsafe whole.update(repeating: 0, count: mask.rows * mask.columns)
        mask.forEachSetRun { run in
            unsafe (whole + run.lowerBound).update(repeating: 1, count: run.count)
        }
        for row in 0..<region.rows {
            let from = min(max(region.firstRow + row, 0), mask.rows - 1) * mask.columns
            for column in 0..<region.columns {
                let old = min(max(region.firstColumn + column, 0), mask.columns - 1)
                unsafe raster[row * region.columns + column] |= whole[from + old]
            }
        }
    }

    private func apply(
        _ stage: SampleStage, to planes: inout StageExtent, _ boxes: inout ArraySlice<PixelBox>,
        _ workspace: SampleWorkspace
    ) throws(ImagingError) {
        let old = planes
        planes = try old.after(stage)
        switch stage {
        case .map, .standardize: return
        case .crop:
            PlaneGeometry.crop(
                workspace.maskFront, into: workspace.maskBack, volumes: 1, from: old, to: planes, fill: 0)
        case .cropBlackBorders:
            guard let box = boxes.popFirst() else { preconditionFailure("the image was cropped before its mask") }
            (planes.rows, planes.columns) = (box.rowCount, box.columnCount)
            PlaneGeometry.copy(
                workspace.maskFront, into: workspace.maskBack, volumes: 1, from: old, to: planes,
                offset: (0, box.minimumRow, box.minimumColumn), fill: 0)
        case .resize, .resample:
            if case .coverage(let share) = recipe.mask.rule {
                return covered(from: old, to: planes, share: share, workspace)
            }
            PlaneGeometry.nearest(workspace.maskFront, into: workspace.maskBack, volumes: 1, from: old, to: planes)
        }
        workspace.maskFront.swap(with: workspace.maskBack)
    }

    /// Shares come out of sums of rounded weights, hence the tolerance of a millionth.
    private func covered(from old: StageExtent, to new: StageExtent, share: Double, _ workspace: SampleWorkspace) {
        let count = old.slices * old.rows * old.columns
        let values = unsafe workspace.front.reserve(count)
        for index in 0..<count { unsafe values[index] = Float(workspace.maskFront.start[index]) }
        PlaneResampling.resize(workspace, volumes: 1, from: old, to: new, kernel: .area)
        let result = new.slices * new.rows * new.columns
        let raster = unsafe workspace.maskFront.reserve(result)
        for index in 0..<result {
            unsafe raster[index] = Double(workspace.front.start[index]) >= share - 1e-6 ? 1 : 0
        }
    }

    private func apply(_ change: SampleChange, _ planes: StageExtent, _ workspace: SampleWorkspace) {
        if change.flips {
            PlaneGeometry.flip(
                workspace.maskFront, into: workspace.maskBack, volumes: 1, extent: planes, change: change)
            workspace.maskFront.swap(with: workspace.maskBack)
        }
        if change.isAffine {
            AffineSampling(change, extent: planes).mask(
                workspace.maskFront, into: workspace.maskBack, planes: planes.slices)
            workspace.maskFront.swap(with: workspace.maskBack)
        }
    }

    private func write(
        _ planes: StageExtent, _ shape: SampleShape, into target: UnsafeMutableRawBufferPointer,
        _ workspace: SampleWorkspace
    ) {
        let count = planes.slices * planes.rows * planes.columns
        let input = unsafe UnsafePointer(workspace.maskFront.start)
        guard let base = target.baseAddress else { return }
        let value = recipe.mask.value
        switch recipe.mask.dtype {
        case .uint8:
            let output = unsafe base.assumingMemoryBound(to: UInt8.self)
            for index in 0..<count { unsafe output[index] = input[index] &* UInt8(value) }
        case .int64:
            let output = unsafe base.assumingMemoryBound(to: Int64.self)
            for index in 0..<count { unsafe output[index] = Int64(input[index]) &* Int64(value) }
        case .float32:
            let output = unsafe base.assumingMemoryBound(to: Float.self)
            for index in 0..<count { unsafe output[index] = Float(input[index]) * Float(value) }
        }
    }
}
