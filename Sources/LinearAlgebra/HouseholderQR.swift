internal import COpenBLAS

/// The thin QR factorisation by Householder reflections (LAPACK `dgeqrf`, `dorgqr`).
///
/// Never by Cholesky of AᵀA: that squares the condition number, and breaks down on matrices that are rank-deficient.
package enum HouseholderQR {
    /// An orthonormal basis that spans at least the columns of `matrix`.
    ///
    /// **Shape** `matrix` m × n with m ≥ n; the result too.
    package static func basis(of matrix: Matrix) throws(LinearAlgebraError) -> Matrix {
        precondition(matrix.rows >= matrix.columns, "a thin QR has at least as many rows as columns")
        var entries = matrix.elements
        var scalars = [Double](repeating: 0, count: max(1, matrix.columns))
        try factor(&entries, &scalars, rows: matrix.rows, columns: matrix.columns)
        let info = unsafe LAPACKE_dorgqr(
            LAPACK_COL_MAJOR, Int32(matrix.rows), Int32(matrix.columns), Int32(matrix.columns), &entries,
            Int32(max(1, matrix.rows)), scalars)
        if let error = LinearAlgebraError(info: info, routine: "dorgqr", unconverged: "impossible") { throw error }
        return Matrix(rows: matrix.rows, columns: matrix.columns, elements: entries)
    }

    /// The triangular factor alone.
    ///
    /// **Shape** n × n for a matrix of n columns; rows that the matrix does not have are zero.
    package static func triangle(of matrix: Matrix) throws(LinearAlgebraError) -> Matrix {
        var entries = matrix.elements
        var scalars = [Double](repeating: 0, count: max(1, min(matrix.rows, matrix.columns)))
        try factor(&entries, &scalars, rows: matrix.rows, columns: matrix.columns)
        var result = Matrix(rows: matrix.columns, columns: matrix.columns)
        for column in 0..<matrix.columns {
            for row in 0..<min(column + 1, matrix.rows) { result[row, column] = entries[column * matrix.rows + row] }
        }
        return result
    }

    private static func factor(
        _ entries: inout [Double], _ scalars: inout [Double], rows: Int, columns: Int
    ) throws(LinearAlgebraError) {
        let info = unsafe LAPACKE_dgeqrf(
            LAPACK_COL_MAJOR, Int32(rows), Int32(columns), &entries, Int32(max(1, rows)), &scalars)
        if let error = LinearAlgebraError(info: info, routine: "dgeqrf", unconverged: "impossible") { throw error }
    }
}
