/// The grid of a volume in the patient.
///
/// **Shape** `[slices][rows][columns]`. **Units** millimetres, DICOM LPS world; the origin is the centre of voxel
/// (0, 0, 0). The slice direction is free: left-handed grids and sheared ones (gantry tilt) are ordinary.
package struct VolumeGeometry: Sendable, Equatable {
    package let columns: Int
    package let rows: Int
    package let slices: Int
    package let origin: SIMD3<Double>
    /// Unit vector of increasing column index.
    package let rowDirection: SIMD3<Double>
    /// Unit vector of increasing row index.
    package let columnDirection: SIMD3<Double>
    /// Unit vector of increasing slice index.
    package let sliceDirection: SIMD3<Double>
    /// Between neighbouring columns.
    package let columnSpacing: Double
    /// Between neighbouring rows.
    package let rowSpacing: Double
    /// Between neighbouring slices, along `sliceDirection`.
    package let sliceSpacing: Double

    /// Adopts a grid as it is: stored numbers come back bit for bit, but for -0, which becomes 0, since SQLite cannot
    /// store it.
    ///
    /// **Throws** `invalidGeometry` when a count or spacing is not positive, a number not finite, a direction more than
    /// 1e-4 off length 1, or the three directions do not span space.
    package init(
        columns: Int, rows: Int, slices: Int, origin: SIMD3<Double>, rowDirection: SIMD3<Double>,
        columnDirection: SIMD3<Double>, sliceDirection: SIMD3<Double>, columnSpacing: Double, rowSpacing: Double,
        sliceSpacing: Double
    ) throws(ImagingError) {
        guard columns > 0, rows > 0, slices > 0 else {
            throw .invalidGeometry(reason: "columns, rows and slices must be positive")
        }
        guard origin.isFinite, [columnSpacing, rowSpacing, sliceSpacing].allSatisfy({ $0.isFinite && $0 > 0 }) else {
            throw .invalidGeometry(reason: "the origin must be finite and the spacings positive")
        }
        let directions = [rowDirection, columnDirection, sliceDirection]
        guard directions.allSatisfy({ abs(length($0) - 1) < 1e-4 }) else {
            throw .invalidGeometry(reason: "its directions are not unit vectors")
        }
        guard abs(dot(cross(rowDirection, columnDirection), sliceDirection)) > 1e-6 else {
            throw .invalidGeometry(reason: "its three directions lie in one plane")
        }
        self.columns = columns
        self.rows = rows
        self.slices = slices
        self.origin = origin.withoutNegativeZeros
        self.rowDirection = rowDirection.withoutNegativeZeros
        self.columnDirection = columnDirection.withoutNegativeZeros
        self.sliceDirection = sliceDirection.withoutNegativeZeros
        self.columnSpacing = columnSpacing
        self.rowSpacing = rowSpacing
        self.sliceSpacing = sliceSpacing
    }

    /// The world point of a voxel; fractional indices lie between voxel centres.
    package func world(column: Double, row: Double, slice: Double) -> SIMD3<Double> {
        lpsAffine.world(i: column, j: row, k: slice)
    }

    /// The (column, row, slice) of a world point, unrounded and possibly outside the grid.
    package func index(world point: SIMD3<Double>) -> (column: Double, row: Double, slice: Double) {
        // The initialiser refused grids that do not span space.
        let index = lpsAffine.index(world: point) ?? SIMD3(repeating: .nan)
        return (index.x, index.y, index.z)
    }

    /// The distance of neighbouring slices measured along the normal; less than `sliceSpacing` under a gantry tilt.
    package var normalSpacing: Double {
        sliceSpacing * abs(dot(cross(rowDirection, columnDirection), sliceDirection))
    }

    /// The volume of one voxel in cubic millimetres.
    package var voxelVolume: Double { columnSpacing * rowSpacing * normalSpacing }
}
