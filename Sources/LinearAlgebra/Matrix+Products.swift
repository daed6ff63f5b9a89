internal import COpenBLAS

extension Matrix {
    /// `self` × `other`.
    package func times(_ other: Matrix) -> Matrix {
        Matrix.product(self, isTransposed: false, other, isTransposed: false)
    }

    /// `selfᵀ` × `other`.
    package func transposedTimes(_ other: Matrix) -> Matrix {
        Matrix.product(self, isTransposed: true, other, isTransposed: false)
    }

    /// `self` × `otherᵀ`.
    package func times(transposed other: Matrix) -> Matrix {
        Matrix.product(self, isTransposed: false, other, isTransposed: true)
    }

    private static func product(
        _ left: Matrix, isTransposed leftTransposed: Bool, _ right: Matrix, isTransposed rightTransposed: Bool
    ) -> Matrix {
        let rows = leftTransposed ? left.columns : left.rows
        let inner = leftTransposed ? left.rows : left.columns
        let columns = rightTransposed ? right.rows : right.columns
        precondition(inner == (rightTransposed ? right.columns : right.rows), "the shapes do not fit")
        var result = Matrix(rows: rows, columns: columns)
        guard rows > 0, columns > 0, inner > 0 else { return result }
        unsafe result.elements.withUnsafeMutableBufferPointer { target in
            unsafe left.elements.withUnsafeBufferPointer { left in
                unsafe right.elements.withUnsafeBufferPointer { right in
                    unsafe BLAS.multiply(
                        left, isTransposed: leftTransposed, right, isTransposed: rightTransposed, rows: rows,
                        columns: columns, inner: inner, into: target, adding: false)
                }
            }
        }
        return result
    }

    /// This matrix with column j multiplied by `factors[j]`.
    package func scalingColumns(by factors: [Double]) -> Matrix {
        var result = self
        for column in 0..<columns {
            for row in 0..<rows { result[row, column] *= factors[column] }
        }
        return result
    }
}

/// The three BLAS calls of this module over lent memory. Everything is column-major without gaps between columns.
enum BLAS {
    /// target (+)= op(left) × op(right), op(left) being rows × inner and op(right) inner × columns.
    static func multiply(
        _ left: UnsafeBufferPointer<Double>, isTransposed leftTransposed: Bool, _ right: UnsafeBufferPointer<Double>,
        isTransposed rightTransposed: Bool, rows: Int, columns: Int, inner: Int,
        into target: UnsafeMutableBufferPointer<Double>, adding: Bool
    ) {
        precondition(
            left.count >= rows * inner && right.count >= inner * columns && target.count >= rows * columns,
            "a buffer is shorter than its shape")
        unsafe cblas_dgemm(
            CblasColMajor, leftTransposed ? CblasTrans : CblasNoTrans, rightTransposed ? CblasTrans : CblasNoTrans,
            Int32(rows), Int32(columns), Int32(inner), 1, left.baseAddress, Int32(leftTransposed ? inner : rows),
            right.baseAddress, Int32(rightTransposed ? columns : inner), adding ? 1 : 0, target.baseAddress,
            Int32(rows))
    }

    /// Adds blockᵀ × block to the upper triangle of `gram`, block being rows × columns.
    static func addGram(
        of block: UnsafeBufferPointer<Double>, rows: Int, columns: Int, to gram: UnsafeMutableBufferPointer<Double>
    ) {
        precondition(
            block.count >= rows * columns && gram.count >= columns * columns, "a buffer is shorter than its shape")
        unsafe cblas_dsyrk(
            CblasColMajor, CblasUpper, CblasTrans, Int32(columns), Int32(rows), 1, block.baseAddress, Int32(rows), 1,
            gram.baseAddress, Int32(columns))
    }

    /// Sum of the squares.
    static func squaredNorm(_ values: UnsafeBufferPointer<Double>) -> Double {
        unsafe cblas_ddot(Int32(values.count), values.baseAddress, 1, values.baseAddress, 1)
    }
}
