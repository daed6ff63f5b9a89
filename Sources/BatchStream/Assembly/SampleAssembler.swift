internal import Imaging
internal import PixelCodec

/// Makes the samples of a batch, one after the other: fetch, unpack, render into place. One per thread.
///
/// **Cost** beside the batch one packed row and the unpacked slices of one sample.
final class SampleAssembler {
    private let list: EpochList
    private let table: FoldTable
    private let layout: BatchLayout
    private let renderer: SampleRenderer
    private let augmentation: (seed: UInt64, epoch: UInt64)?
    private let workspace = SampleWorkspace()
    private var frames = FrameMemory()

    /// - Parameter augmentation: Seed and epoch; nil leaves samples as the steps make them.
    init(_ list: EpochList, layout: BatchLayout, augmentation: (seed: UInt64, epoch: UInt64)?) {
        self.list = list
        let table = list.table
        self.table = table
        self.layout = layout
        renderer = SampleRenderer(recipe: table.info.recipe)
        self.augmentation = augmentation
    }

    /// Fills places `slots` of the buffer with the samples at these places of the epoch's list.
    ///
    /// **Throws** what the connection throws, `corruptPixels`, and whatever `check` throws between samples.
    func fill(
        _ buffer: BatchBuffer, slots: Range<Int>, with indices: [Int], from connection: any StreamConnection,
        check: () throws -> Void
    ) throws {
        var requests: [SliceKey] = []
        var owners: [(slot: Int, slice: Int)] = []
        for (slot, index) in zip(slots, indices) {
            let sample = list.place(index).sample
            writeRows(buffer, slot: slot, sample: sample)
            // The ends of a context repeat a slice; it is fetched once.
            var last: SliceKey?
            for slice in table.samples[sample].slices where table.slices[slice].key != last {
                requests.append(table.slices[slice].key)
                owners.append((slot, slice))
                last = table.slices[slice].key
            }
        }
        var current: PendingSample?
        finishedCount = 0
        try connection.forEachTile(of: requests) { tile in
            let owner = owners[tile.request]
            if owner.slot != current?.slot {
                if let current { try finish(current, buffer) }
                try check()
                let next = PendingSample(slot: owner.slot, place: list.place(indices[owner.slot - slots.lowerBound]))
                current = next
                begin(next.place.sample)
            }
            guard let pending = current else { return }
            try unpack(tile, slice: owner.slice, sample: pending.place.sample)
            current?.rows += tile.rowCount
        }
        if let current { try finish(current, buffer) }
        guard finishedCount == slots.count else {
            throw StreamError.unusable(
                table.info.title, "pixels of \(slots.count - finishedCount) samples are missing; run slicehouse verify")
        }
    }

    /// Fills places of the buffer with baked samples.
    ///
    /// **Throws** `corruptPixels` where a file of the bake changed since it was opened.
    func fill(
        _ buffer: BatchBuffer, slots: Range<Int>, with indices: [Int], from bake: BakedFolds
    ) throws(StreamError) {
        let (image, mask) = (layout.shape.byteCount, layout.shape.maskByteCount)
        for (slot, index) in zip(slots, indices) {
            let sample = list.place(index).sample
            writeRows(buffer, slot: slot, sample: sample)
            let maskTarget = layout.hasMask ? unsafe buffer.part(at: layout.mask + slot * mask, byteCount: mask) : nil
            try unsafe bake.copy(
                sample, image: buffer.part(at: layout.image + slot * image, byteCount: image), mask: maskTarget)
        }
    }

    /// The sample whose tiles arrive.
    private struct PendingSample {
        let slot: Int
        let place: (sample: Int, occurrence: Int)
        /// That arrived.
        var rows = 0
    }

    /// Of the call of `fill` that runs.
    private var finishedCount = 0

    private func writeRows(_ buffer: BatchBuffer, slot: Int, sample index: Int) {
        let sample = table.samples[index]
        unsafe buffer.part(at: layout.numbers + slot * 8, byteCount: 8).storeBytes(
            of: Int64(sample.number), as: Int64.self)
        unsafe buffer.part(at: layout.weights + slot * 4, byteCount: 4).storeBytes(
            of: list.weight(ofSample: index), as: Float.self)
        let width = layout.targetWidth
        guard width > 0 else { return }
        let target = unsafe buffer.part(at: layout.target + slot * width * 4, byteCount: width * 4)
        unsafe table.targets.values.withUnsafeBytes { values in
            unsafe target.copyMemory(
                from: UnsafeRawBufferPointer(rebasing: values[index * width * 4..<(index + 1) * width * 4]))
        }
    }

    // MARK: Pixels

    /// The rows of each slice that are unpacked: all, or those of a crop.
    private func band(_ sample: FoldSample, _ slice: SampleSlice) -> Range<Int> {
        guard let region = sample.region else { return 0..<slice.rows }
        let first = min(max(region.firstRow, 0), slice.rows - 1)
        let end = max(first + 1, min(slice.rows, region.firstRow + region.rows))
        return first..<end
    }

    private func begin(_ index: Int) {
        let sample = table.samples[index]
        let slices = sample.slices.map { table.slices[$0] }
        frames.begin(slices.map { band(sample, $0).count * $0.byteCount / $0.rows })
    }

    private func unpack(_ tile: StoredTile, slice index: Int, sample sampleIndex: Int) throws {
        let sample = table.samples[sampleIndex]
        let slice = table.slices[index]
        let band = band(sample, slice)
        let rowByteCount = slice.byteCount / slice.rows
        let wanted = max(band.lowerBound, tile.firstRow)..<min(band.upperBound, tile.firstRow + tile.rowCount)
        guard !wanted.isEmpty else { return }
        let place = unsafe frames.frame(index - sample.slices.lowerBound)
        let target = unsafe UnsafeMutableRawBufferPointer(
            rebasing: place[
                (wanted.lowerBound - band.lowerBound) * rowByteCount..<(wanted.upperBound - band.lowerBound)
                    * rowByteCount])
        do {
            if tile.isJPEG { return try unsafe unpackJPEG(tile, slice, wanted, into: target) }
            if wanted.count == tile.rowCount {
                try unsafe BloscCodec.decode(tile.bytes, into: target)
            } else {
                try unsafe BloscCodec.decodeRows(
                    wanted.lowerBound - tile.firstRow..<wanted.upperBound - tile.firstRow, of: tile.bytes,
                    rows: tile.rowCount, rowByteCount: rowByteCount, into: target)
            }
        } catch {
            throw StreamError(
                .corruptPixels,
                "Sample \(sample.number) of \(table.info.title) cannot be read: \(error) Run slicehouse verify.",
                underlying: error)
        }
    }

    private func unpackJPEG(
        _ tile: StoredTile, _ slice: SampleSlice, _ rows: Range<Int>, into target: UnsafeMutableRawBufferPointer
    ) throws {
        let frame = try PixelDecoder.decode(
            encoding: .jpeg, bytes: unsafe [UInt8](tile.bytes), type: slice.type, rows: tile.rowCount,
            columns: slice.columns, samplesPerPixel: slice.samplesPerPixel)
        let rowByteCount = slice.byteCount / slice.rows
        let first = (rows.lowerBound - tile.firstRow) * rowByteCount
        unsafe target.copyBytes(from: frame.bytes[first..<first + target.count])
    }

    // MARK: Rendering

    private func finish(_ current: PendingSample, _ buffer: BatchBuffer) throws {
        let (index, occurrence) = current.place
        let sample = table.samples[index]
        try checkRows(current.rows, sample)
        let change = augmentation.flatMap { seed, epoch in
            table.info.recipe.augment?.change(
                seed: seed, epoch: epoch, sampleNumber: UInt64(sample.number), occurrence: UInt64(occurrence))
        }
        if let change, table.info.targetKind == .spheres { writeSpheres(buffer, current, changedBy: change) }
        let (image, mask) = (layout.shape.byteCount, layout.shape.maskByteCount)
        let target = unsafe buffer.part(at: layout.image + current.slot * image, byteCount: image)
        let marks = layout.hasMask ? table.mask(of: sample) : nil
        let maskTarget =
            layout.hasMask ? unsafe buffer.part(at: layout.mask + current.slot * mask, byteCount: mask) : nil
        try unsafe renderer.render(
            lent(sample), region: sample.region, spacing: sample.spacing, change: change, mask: marks, into: target,
            mask: maskTarget, workspace: workspace)
        finishedCount += 1
    }

    /// In place of the target as it was frozen.
    private func writeSpheres(_ buffer: BatchBuffer, _ current: PendingSample, changedBy change: SampleChange) {
        let (shape, byteCount) = (layout.shape, layout.targetWidth * 4)
        let numbers = table.targets.spheres(
            of: current.place.sample, changedBy: change,
            sides: SIMD3(Double(shape.slices), Double(shape.rows), Double(shape.columns)))
        let target = unsafe buffer.part(at: layout.target + current.slot * byteCount, byteCount: byteCount)
        unsafe numbers.withUnsafeBytes { unsafe target.copyMemory(from: $0) }
    }

    private func checkRows(_ rows: Int, _ sample: FoldSample) throws(StreamError) {
        var expected = 0
        var last: SliceKey?
        for index in sample.slices where table.slices[index].key != last {
            expected += table.slices[index].rows
            last = table.slices[index].key
        }
        guard rows == expected else {
            throw .unusable(
                table.info.title, "pixels of sample \(sample.number) are missing; run slicehouse verify")
        }
    }

    private func lent(_ sample: FoldSample) -> [SampleFrame] {
        var fetched = sample.slices.lowerBound
        return sample.slices.map { index in
            // A slice that repeats the one before has its pixels too.
            if index == sample.slices.lowerBound || table.slices[index].key != table.slices[index - 1].key {
                fetched = index
            }
            let slice = table.slices[index]
            let band = band(sample, slice)
            let bytes = unsafe frames.frame(fetched - sample.slices.lowerBound)
            return unsafe SampleFrame(
                bytes: UnsafeRawBufferPointer(bytes), type: slice.type, rows: band.count, columns: slice.columns,
                samplesPerPixel: slice.samplesPerPixel, rescale: slice.rescale, bitsStored: slice.bitsStored,
                firstRow: band.lowerBound)
        }
    }
}

/// The unpacked slices of one sample, in memory that is used again.
@safe private struct FrameMemory: ~Copyable {
    private var memory: UnsafeMutableRawBufferPointer
    private var ranges: [Range<Int>] = []

    init() { unsafe memory = .allocate(byteCount: 64, alignment: 64) }

    deinit { unsafe memory.deallocate() }

    /// Makes room for frames of these sizes, each aligned to 64 bytes.
    mutating func begin(_ byteCounts: [Int]) {
        var end = 0
        ranges = byteCounts.map { count in
            defer { end += (count + 63) / 64 * 64 }
            return end..<end + count
        }
        guard unsafe end > memory.count else { return }
        unsafe memory.deallocate()
        unsafe memory = .allocate(byteCount: end, alignment: 64)
    }

    func frame(_ index: Int) -> UnsafeMutableRawBufferPointer {
        unsafe UnsafeMutableRawBufferPointer(rebasing: memory[ranges[index]])
    }
}
