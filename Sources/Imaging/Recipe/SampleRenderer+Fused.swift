// One look-up a sample: from stored values straight into the batch.
extension SampleRenderer {
    func isFused(_ frames: [SampleFrame], _ change: SampleChange?) -> Bool {
        guard frames.allSatisfy({ SampleLoading.hasTable($0.type) }) else { return false }
        if let change, change.isAffine || change.noise > 0 || change.flipsSlices { return false }
        switch stages.count {
        case 0: return true
        case 1: if case .map = stages[0] { return true } else { return false }
        default: return false
        }
    }

    var firstChains: [[ValueMap]] {
        if case .map(let chains) = stages.first { chains } else { [[]] }
    }

    func renderFused(
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
            let table = tables.table(type: frame.type, rule: rule(frame), chains: chains, encode: encode)
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
}
