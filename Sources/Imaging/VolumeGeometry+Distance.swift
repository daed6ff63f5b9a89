extension VolumeGeometry {
    /// How far the pixels of a slice are from those of a slice of another grid on which they are laid one by one: the
    /// largest distance of a corner.
    ///
    /// **Units** mm
    package func distance(ofSlice slice: Int, from other: VolumeGeometry, slice otherSlice: Int) -> Double {
        var largest = 0.0
        for column in [0, Double(columns - 1)] {
            for row in [0, Double(rows - 1)] {
                let gap =
                    world(column: column, row: row, slice: Double(slice))
                    - other.world(column: column, row: row, slice: Double(otherSlice))
                largest = max(largest, (gap * gap).sum().squareRoot())
            }
        }
        return largest
    }

    /// Whether it is the grid of a NIfTI file that says nothing of its place: along the axes and centred at 0.
    ///
    /// **Source** nifti1.h, method 1; nibabel `analyze.py`, `get_base_affine`.
    package var isUnplaced: Bool {
        let center = world(column: Double(columns - 1) / 2, row: Double(rows - 1) / 2, slice: Double(slices - 1) / 2)
        let isCentered = (center * center).sum().squareRoot() <= GridAlignment.tolerance
        // LPS: that affine is diag(−x, +y, +z) in RAS.
        return isCentered && rowDirection.x > 1 - 1e-6 && columnDirection.y < -1 + 1e-6 && sliceDirection.z > 1 - 1e-6
    }
}
