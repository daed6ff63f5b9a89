internal import COpenBLAS

/// Singular values and right singular vectors of a matrix in memory (LAPACK `dgesdd`).
package struct DenseSVD: Sendable {
    /// Greatest first; as many as the shorter side.
    package let values: [Double]
    /// **Shape** columns × values, one right singular vector a column.
    package let right: Matrix

    /// **Throws** `noConvergence`, `notFinite`.
    package init(_ matrix: Matrix) throws(LinearAlgebraError) {
        let rank = min(matrix.rows, matrix.columns)
        var entries = matrix.elements
        var values = [Double](repeating: 0, count: rank)
        var left = [Double](repeating: 0, count: max(1, matrix.rows * rank))
        var rightTransposed = [Double](repeating: 0, count: max(1, rank * matrix.columns))
        let info = unsafe LAPACKE_dgesdd(
            LAPACK_COL_MAJOR, CChar(UInt8(ascii: "S")), Int32(matrix.rows), Int32(matrix.columns), &entries,
            Int32(max(1, matrix.rows)), &values, &left, Int32(max(1, matrix.rows)), &rightTransposed,
            Int32(max(1, rank)))
        if let error = LinearAlgebraError(
            info: info, routine: "dgesdd", unconverged: "the bidiagonal iteration did not converge")
        {
            throw error
        }
        self.values = values
        right = Matrix(rows: rank, columns: matrix.columns, elements: rightTransposed).transposed
    }
}
