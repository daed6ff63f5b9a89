internal import LinearAlgebra

/// A stack of slices as a matrix: one row a voxel of the slice (rows of the picture first, C order), one column a slice.
///
/// Reshaped to `[rows][columns][slices]` in C order this is the volume again.
package struct VoxelMatrix: TallMatrix {
    package let store: SampleStore

    package init(_ store: SampleStore) {
        self.store = store
    }

    package var rowCount: Int { store.pixelCount }
    package var columnCount: Int { store.sliceCount }

    package func read(_ rows: Range<Int>, into block: UnsafeMutableBufferPointer<Double>) throws {
        for slice in 0..<store.sliceCount {
            let part = unsafe UnsafeMutableBufferPointer(
                rebasing: block[slice * rows.count..<(slice + 1) * rows.count])
            unsafe try store.read(slice: slice, range: rows, into: part)
        }
    }
}
