/// The singular value decomposition of a matrix that is read in blocks of rows. All sums are in doubles: a Gram matrix
/// summed in single precision is wrong by 5e-2 on values that are kept.
package struct TallSVD: Sendable {
    let pass: RowPass

    /// Squares of singular values below this share of the greatest are not taken from a Gram matrix: at 1e-9 its
    /// rounding, ε × greatest, is still 2e-7 of the square, 1e-7 of the value.
    static let leastSquareRatio = 1e-9

    package init(pass: RowPass) {
        self.pass = pass
    }

    /// All singular values, by the Gram matrix or, where `needed` of them are too far apart for it, by TSQR.
    ///
    /// - Parameter needed: The first values that have to be right.
    /// **Throws** ``LinearAlgebraError``, and what the matrix throws. **Cost** one pass, or two.
    package func exact(_ matrix: any TallMatrix, needed: Int) async throws -> SingularFactors {
        let gram = try await gram(of: matrix)
        let eigen = try eigen(of: gram)
        let ratio = squareRatio(eigen.values, needed: min(needed, gram.columns))
        guard ratio < Self.leastSquareRatio else {
            let count = min(matrix.rowCount, gram.columns)
            return SingularFactors(
                values: eigen.values.prefix(count).map { max(0, $0).squareRoot() },
                right: eigen.vectors.leadingColumns(count), squaredNorm: gram.trace,
                rowCount: matrix.rowCount, route: .gram,
                reason: "the Gram matrix serves: the squares of the values needed span a factor of \(order(1 / ratio))")
        }
        return try await stacked(matrix)
    }

    /// The first `rank` singular values by a random range finder on the side of the columns.
    ///
    /// With A = Mᵀ, columns × rows, this is the randomised decomposition of Halko, Martinsson and Tropp (2011, algorithms
    /// 4.4 and 5.1), begun with a Gaussian matrix of columns × (rank + oversampling): each of the `powerIterations` + 1
    /// steps applies A·Aᵀ = MᵀM and orthonormalises by Householder QR. Their scheme applies (A·Aᵀ)^q·A, ours
    /// (A·Aᵀ)^(q+1), so their bound for q power iterations holds. No matrix with as many rows as M is ever stored.
    package func randomized(
        _ matrix: any TallMatrix, rank: Int, oversampling: Int, powerIterations: Int, seed: UInt64
    ) async throws -> SingularFactors {
        let columns = matrix.columnCount
        let width = min(columns, matrix.rowCount, rank + oversampling)
        let sketch = PhiloxGenerator(seed: seed).normal(rows: columns, columns: width)
        let rank = min(rank, width)
        // Forming MᵀM takes rows × columns² operations, sketching this many times rows × columns × width.
        if columns <= (4 * (powerIterations + 1) + 2) * width {
            let gram = try await gram(of: matrix).symmetrized()
            if let found = try fromGram(gram, sketch, matrix.rowCount, rank: rank, steps: powerIterations + 1) {
                return found
            }
        }
        return try await fromPasses(matrix, sketch, rank: rank, steps: powerIterations + 1)
    }

    // MARK: Exact

    private func gram(of matrix: any TallMatrix) async throws -> Matrix {
        BLASThreads.use(1)
        let columns = matrix.columnCount
        let sum = try await pass.sum(matrix, count: columns * columns) { total, block in block.addGram(to: &total) }
        let gram = Matrix(rows: columns, columns: columns, elements: sum)
        guard gram.trace.isFinite else {
            throw LinearAlgebraError(.notFinite, "dsyrk", "an entry is not a number, or too large to be squared")
        }
        return gram
    }

    private func eigen(of gram: Matrix) throws -> SymmetricEigen {
        BLASThreads.use(pass.workers, forSide: gram.columns)
        return try SymmetricEigen(upperTriangleOf: gram)
    }

    /// TSQR: the triangle of each stripe, then the triangle of the triangles.
    private func stacked(_ matrix: any TallMatrix) async throws -> SingularFactors {
        let triangle = try await triangle(of: matrix, width: matrix.columnCount) { block, top in
            block.stacked(below: top)
        }
        BLASThreads.use(pass.workers, forSide: triangle.columns)
        let svd = try DenseSVD(triangle)
        return SingularFactors(
            values: Array(svd.values.prefix(matrix.rowCount)),
            right: svd.right.leadingColumns(min(svd.right.columns, matrix.rowCount)),
            squaredNorm: triangle.elements.reduce(0) { $0 + $1 * $1 }, rowCount: matrix.rowCount, route: .tsqr,
            reason: "the values needed are too far apart for the Gram matrix, which squares them")
    }

    private func triangle(
        of matrix: any TallMatrix, width: Int, _ stack: @escaping @Sendable (RowBlock, Matrix) -> Matrix
    ) async throws -> Matrix {
        BLASThreads.use(1)
        let parts = try await pass.fold(
            matrix, minimumRows: 4 * width, initial: Matrix(rows: width, columns: width)
        ) { top, block in top = try HouseholderQR.triangle(of: stack(block, top)) }
        var total = Matrix(rows: width, columns: width)
        for part in parts { total = try HouseholderQR.triangle(of: total.stacked(above: part)) }
        return total
    }

    /// The square of the last value that is needed over that of the first; 1 for a matrix of zeros.
    private func squareRatio(_ squares: [Double], needed: Int) -> Double {
        guard let first = squares.first, first > 0, needed > 0 else { return 1 }
        return max(0, squares[needed - 1]) / first
    }

    private func order(_ factor: Double) -> String {
        var exponent = 0
        var rest = factor
        while rest >= 10, exponent < 300 {
            rest /= 10
            exponent += 1
        }
        return "1e\(exponent)"
    }

    // MARK: Randomised

    /// `nil` where the Gram matrix is too coarse for the rank.
    private func fromGram(
        _ gram: Matrix, _ sketch: Matrix, _ rowCount: Int, rank: Int, steps: Int
    ) throws -> SingularFactors? {
        BLASThreads.use(pass.workers, forSide: gram.columns)
        var basis = sketch
        for _ in 0..<steps { basis = try HouseholderQR.basis(of: gram.times(basis)) }
        let eigen = try SymmetricEigen(upperTriangleOf: basis.transposedTimes(gram.times(basis)))
        guard squareRatio(eigen.values, needed: rank) >= Self.leastSquareRatio else { return nil }
        return SingularFactors(
            values: eigen.values.prefix(rank).map { max(0, $0).squareRoot() },
            right: basis.times(eigen.vectors.leadingColumns(rank)), squaredNorm: gram.trace, rowCount: rowCount,
            route: .sketchedGram,
            reason: "forming the Gram matrix takes fewer operations than sketching \(sketch.columns) columns")
    }

    private func fromPasses(
        _ matrix: any TallMatrix, _ sketch: Matrix, rank: Int, steps: Int
    ) async throws -> SingularFactors {
        let (columns, width) = (matrix.columnCount, sketch.columns)
        var basis = sketch
        var squaredNorm = 0.0
        for _ in 0..<steps {
            BLASThreads.use(1)
            let current = basis
            let sum = try await pass.sum(matrix, count: columns * width + 1) { total, block in
                block.addTransposedTimes(block.times(current), to: &total)
                total[columns * width] += block.squaredNorm
            }
            squaredNorm = sum[columns * width]
            guard squaredNorm.isFinite else {
                throw LinearAlgebraError(.notFinite, "dgemm", "an entry is not a number, or too large to be squared")
            }
            let image = Matrix(rows: columns, columns: width, elements: Array(sum.prefix(columns * width)))
            basis = try HouseholderQR.basis(of: image)
        }
        let final = basis
        let triangle = try await triangle(of: matrix, width: width) { block, top in
            top.stacked(above: block.times(final))
        }
        let svd = try DenseSVD(triangle)
        return SingularFactors(
            values: Array(svd.values.prefix(rank)), right: final.times(svd.right.leadingColumns(rank)),
            squaredNorm: squaredNorm, rowCount: matrix.rowCount, route: .sketchedPasses,
            reason: "\(steps) passes with \(width) random columns, then one with the basis they span")
    }
}

extension Matrix {
    /// This matrix with the rows of another below it.
    func stacked(above other: Matrix) -> Matrix {
        precondition(columns == other.columns, "the shapes do not fit")
        var result = Matrix(rows: rows + other.rows, columns: columns)
        for column in 0..<columns {
            let start = column * result.rows
            result.elements.replaceSubrange(start..<start + rows, with: self.column(column))
            result.elements.replaceSubrange(start + rows..<start + result.rows, with: other.column(column))
        }
        return result
    }
}
