internal import COpenBLAS

/// Eigenvalues and eigenvectors of a symmetric matrix, greatest first (LAPACK `dsyevd`).
package struct SymmetricEigen: Sendable {
    package let values: [Double]
    /// **Shape** side × side, one eigenvector a column.
    package let vectors: Matrix

    /// - Parameter matrix: Only its upper triangle is read.
    /// **Throws** `noConvergence`, `notFinite`.
    package init(upperTriangleOf matrix: Matrix) throws(LinearAlgebraError) {
        precondition(matrix.rows == matrix.columns, "the matrix is not square")
        let side = matrix.rows
        var entries = matrix.elements
        var ascending = [Double](repeating: 0, count: side)
        let info = unsafe LAPACKE_dsyevd(
            LAPACK_COL_MAJOR, CChar(UInt8(ascii: "V")), CChar(UInt8(ascii: "U")), Int32(side), &entries,
            Int32(max(1, side)), &ascending)
        if let error = LinearAlgebraError(
            info: info, routine: "dsyevd", unconverged: "an off-diagonal entry did not become zero")
        {
            throw error
        }
        values = ascending.reversed()
        var vectors = Matrix(rows: side, columns: side)
        for column in 0..<side {
            let source = side - 1 - column
            vectors.elements.replaceSubrange(
                column * side..<(column + 1) * side, with: entries[source * side..<(source + 1) * side])
        }
        self.vectors = vectors
    }
}
