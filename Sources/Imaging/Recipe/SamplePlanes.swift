/// The working picture of a sample in `workspace.front`: float32, `[channels][slices][rows][columns]`.
struct SamplePlanes {
    var channels: Int
    var extent: StageExtent

    var planeSize: Int { extent.rows * extent.columns }
    var volumeSize: Int { extent.slices * planeSize }
    var count: Int { channels * volumeSize }
}

/// Changes of size, shared by image (float) and mask (byte): cut, pad, and copy by index.
enum PlaneGeometry {
    /// The middle of each volume, `fill` where there is nothing.
    static func crop<T: BitwiseCopyable>(
        _ source: ScratchBuffer<T>, into target: ScratchBuffer<T>, volumes: Int, from old: StageExtent,
        to new: StageExtent, fill: T
    ) {
        let offset = (
            slice: old.slices / 2 - new.slices / 2, row: old.rows / 2 - new.rows / 2,
            column: old.columns / 2 - new.columns / 2
        )
        copy(source, into: target, volumes: volumes, from: old, to: new, offset: offset, fill: fill)
    }

    /// Voxel (slice, row, column) of the new volumes is voxel + offset of the old ones.
    static func copy<T: BitwiseCopyable>(
        _ source: ScratchBuffer<T>, into target: ScratchBuffer<T>, volumes: Int, from old: StageExtent,
        to new: StageExtent, offset: (slice: Int, row: Int, column: Int), fill: T
    ) {
        let input = unsafe source.start
        let output = unsafe target.reserve(volumes * new.slices * new.rows * new.columns)
        let firstColumn = max(0, -offset.column)
        let endColumn = max(firstColumn, min(new.columns, old.columns - offset.column))
        for line in 0..<volumes * new.slices * new.rows {
            let row = line % new.rows + offset.row
            let slice = line / new.rows % new.slices + offset.slice
            let volume = line / (new.rows * new.slices)
            let start = unsafe output + line * new.columns
            guard (0..<old.rows).contains(row), (0..<old.slices).contains(slice) else {
                unsafe start.update(repeating: fill, count: new.columns)
                continue
            }
            let from = unsafe input + ((volume * old.slices + slice) * old.rows + row) * old.columns + offset.column
            unsafe start.update(repeating: fill, count: firstColumn)
            unsafe (start + firstColumn).update(from: from + firstColumn, count: endColumn - firstColumn)
            unsafe (start + endColumn).update(repeating: fill, count: new.columns - endColumn)
        }
    }

    /// The nearest voxel, and for masks.
    static func nearest<T: BitwiseCopyable>(
        _ source: ScratchBuffer<T>, into target: ScratchBuffer<T>, volumes: Int, from old: StageExtent,
        to new: StageExtent
    ) {
        let slices = ResampleWeights.nearestIndices(from: old.slices, to: new.slices)
        let rows = ResampleWeights.nearestIndices(from: old.rows, to: new.rows)
        let columns = ResampleWeights.nearestIndices(from: old.columns, to: new.columns)
        gather(source, into: target, volumes: volumes, from: old, slices: slices, rows: rows, columns: columns)
    }

    /// Mirrors the axes named.
    static func flip<T: BitwiseCopyable>(
        _ source: ScratchBuffer<T>, into target: ScratchBuffer<T>, volumes: Int, extent: StageExtent,
        change: SampleChange
    ) {
        func indices(_ count: Int, _ isFlipped: Bool) -> [Int] { isFlipped ? (0..<count).reversed() : Array(0..<count) }
        gather(
            source, into: target, volumes: volumes, from: extent, slices: indices(extent.slices, change.flipsSlices),
            rows: indices(extent.rows, change.flipsRows), columns: indices(extent.columns, change.flipsColumns))
    }

    private static func gather<T: BitwiseCopyable>(
        _ source: ScratchBuffer<T>, into target: ScratchBuffer<T>, volumes: Int, from old: StageExtent,
        slices: [Int], rows: [Int], columns: [Int]
    ) {
        let input = unsafe source.start
        var output = unsafe target.reserve(volumes * slices.count * rows.count * columns.count)
        unsafe columns.withUnsafeBufferPointer { columns in
            for volume in 0..<volumes {
                for slice in slices {
                    for row in rows {
                        let line = unsafe input + ((volume * old.slices + slice) * old.rows + row) * old.columns
                        for index in 0..<columns.count { unsafe output[index] = line[columns[index]] }
                        unsafe output += columns.count
                    }
                }
            }
        }
    }
}
