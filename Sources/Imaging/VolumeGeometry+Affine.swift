extension VolumeGeometry {
    /// Indices to LPS millimetres (DICOM, ITK).
    package var lpsAffine: VoxelAffine {
        VoxelAffine(
            i: rowDirection * columnSpacing, j: columnDirection * rowSpacing, k: sliceDirection * sliceSpacing,
            translation: origin)
    }

    /// Indices to RAS millimetres (NIfTI).
    package var rasAffine: VoxelAffine { lpsAffine.flippingXY }

    /// From the affine of a NIfTI image: i is the column, j the row, k the slice.
    ///
    /// **Throws** `invalidGeometry` for a singular affine.
    package init(rasAffine: VoxelAffine, columns: Int, rows: Int, slices: Int) throws(ImagingError) {
        try self.init(lpsAffine: rasAffine.flippingXY, columns: columns, rows: rows, slices: slices)
    }

    /// From an affine to LPS millimetres.
    ///
    /// **Throws** `invalidGeometry` for a singular affine.
    package init(lpsAffine: VoxelAffine, columns: Int, rows: Int, slices: Int) throws(ImagingError) {
        guard let row = lpsAffine.i.unit, let column = lpsAffine.j.unit, let slice = lpsAffine.k.unit else {
            throw .invalidGeometry(reason: "a step of its affine has no length")
        }
        try self.init(
            columns: columns, rows: rows, slices: slices, origin: lpsAffine.translation, rowDirection: row,
            columnDirection: column, sliceDirection: slice, columnSpacing: length(lpsAffine.i),
            rowSpacing: length(lpsAffine.j), sliceSpacing: length(lpsAffine.k))
    }

    /// From the header of a MetaImage file.
    ///
    /// - Parameters:
    ///   - transformMatrix: nine numbers, the direction of one axis after the other (x of the column axis, y, z, …): the
    ///     transpose of the row-major matrix that ITK's `GetDirection` prints.
    ///   - offset: LPS millimetres of the first voxel.
    ///   - spacing: per axis, column axis first.
    ///   - size: `DimSize`: columns, rows, slices.
    ///
    /// **Throws** `invalidGeometry` for another number of values or directions that are not unit vectors.
    package init(
        transformMatrix: [Double], offset: [Double], spacing: [Double], size: [Int]
    ) throws(ImagingError) {
        guard transformMatrix.count == 9, offset.count == 3, spacing.count == 3, size.count == 3 else {
            throw .invalidGeometry(reason: "a MetaImage volume has 9 direction, 3 offset, 3 spacing and 3 size values")
        }
        try self.init(
            columns: size[0], rows: size[1], slices: size[2], origin: SIMD3(offset),
            rowDirection: SIMD3(transformMatrix[0..<3]), columnDirection: SIMD3(transformMatrix[3..<6]),
            sliceDirection: SIMD3(transformMatrix[6..<9]), columnSpacing: spacing[0], rowSpacing: spacing[1],
            sliceSpacing: spacing[2])
    }

    /// The nine numbers of a MetaImage `TransformMatrix`.
    package var transformMatrix: [Double] {
        [rowDirection, columnDirection, sliceDirection].flatMap { [$0.x, $0.y, $0.z] }
    }
}
