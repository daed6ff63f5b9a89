/// The map from voxel indices (i = column, j = row, k = slice) to millimetres: `world = i * I + j * J + k * K + T`.
///
/// Whether the world is LPS (DICOM, ITK) or RAS (NIfTI) is said by the name of the property that holds it.
package struct VoxelAffine: Sendable, Equatable {
    /// Millimetres per step of the column index, the row index and the slice index.
    package let i: SIMD3<Double>
    package let j: SIMD3<Double>
    package let k: SIMD3<Double>
    package let translation: SIMD3<Double>

    package init(i: SIMD3<Double>, j: SIMD3<Double>, k: SIMD3<Double>, translation: SIMD3<Double>) {
        self.i = i
        self.j = j
        self.k = k
        self.translation = translation
    }

    /// Reads the matrix as nibabel prints it.
    ///
    /// **Shape** 3 or 4 rows of 4. **Throws** `invalidGeometry` for another shape or another last row than 0 0 0 1.
    package init(rows: [[Double]]) throws(ImagingError) {
        guard rows.count == 3 || (rows.count == 4 && rows[3] == [0, 0, 0, 1]),
            rows.allSatisfy({ $0.count == 4 })
        else {
            throw .invalidGeometry(reason: "an affine has three rows of four numbers and a last row of 0 0 0 1")
        }
        func column(_ index: Int) -> SIMD3<Double> { SIMD3(rows[0][index], rows[1][index], rows[2][index]) }
        self.init(i: column(0), j: column(1), k: column(2), translation: column(3))
    }

    /// **Shape** `[4][4]`.
    package var rows: [[Double]] {
        (0..<3).map { [i[$0], j[$0], k[$0], translation[$0]] } + [[0, 0, 0, 1]]
    }

    /// Between LPS and RAS: x and y change sign. Exact, and its own inverse.
    package var flippingXY: VoxelAffine {
        let flip = SIMD3<Double>(-1, -1, 1)
        return VoxelAffine(i: i * flip, j: j * flip, k: k * flip, translation: translation * flip)
    }

    package func world(i column: Double, j row: Double, k slice: Double) -> SIMD3<Double> {
        i * column + j * row + k * slice + translation
    }

    /// The (i, j, k) whose world point this is; `nil` when the three steps do not span space.
    ///
    /// Elimination with row pivoting rather than the adjugate, so that axis-aligned grids divide once and stay exact.
    package func index(world point: SIMD3<Double>) -> SIMD3<Double>? {
        let target = point - translation
        var matrix = (0..<3).map { [i[$0], j[$0], k[$0], target[$0]] }
        for column in 0..<3 {
            let pivot = (column..<3).max { abs(matrix[$0][column]) < abs(matrix[$1][column]) } ?? column
            matrix.swapAt(column, pivot)
            guard abs(matrix[column][column]) > .leastNormalMagnitude else { return nil }
            for row in (column + 1)..<3 {
                let factor = matrix[row][column] / matrix[column][column]
                for entry in column..<4 { matrix[row][entry] -= factor * matrix[column][entry] }
            }
        }
        var solution = SIMD3<Double>()
        for row in [2, 1, 0] {
            let known = ((row + 1)..<3).reduce(0) { $0 + matrix[row][$1] * solution[$1] }
            solution[row] = (matrix[row][3] - known) / matrix[row][row]
        }
        return solution.isFinite ? solution : nil
    }
}
