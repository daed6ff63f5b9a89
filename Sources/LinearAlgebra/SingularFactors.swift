/// Singular values and right singular vectors of a tall matrix M, rows × columns.
///
/// The left vectors are not kept: M projected on the first k right vectors, M·V·Vᵀ, is the best approximation of rank k,
/// and needs no division by small singular values.
package struct SingularFactors: Sendable {
    /// How they were computed.
    package enum Route: String, Sendable {
        /// Eigenvalues of MᵀM (`dsyrk`, `dsyevd`): one pass; squares the condition number.
        case gram
        /// Householder QR of blocks of rows, stacked (TSQR), then `dgesdd` of the triangle: does not square it.
        case tsqr
        /// A random range finder on MᵀM, which was formed because that costs less than sketching.
        case sketchedGram = "sketched-gram"
        /// A random range finder by passes over M.
        case sketchedPasses = "sketched-passes"
    }

    /// Greatest first.
    package let values: [Double]
    /// **Shape** columns × values; in each column the component of greatest magnitude is positive.
    package let right: Matrix
    /// Sum of the squares of all entries of M, which is that of all its singular values.
    package let squaredNorm: Double
    package let route: Route
    /// Why this route was taken, in one sentence.
    package let reason: String
    /// Singular values that are told from 0 in doubles: those above rows × ε × the greatest, or above the root of rows × ε
    /// where their squares were computed.
    package let effectiveRank: Int

    init(
        values: [Double], right: Matrix, squaredNorm: Double, rowCount: Int, route: Route, reason: String
    ) {
        self.values = values
        self.right = right.signNormalized
        self.squaredNorm = squaredNorm
        self.route = route
        self.reason = reason
        let rounding = Double(max(rowCount, right.rows)) * Double.ulpOfOne
        // A Gram matrix rounds the squares, so that zeros come out as the root of it.
        let isSquared = route == .gram || route == .sketchedGram
        let limit = (isSquared ? rounding.squareRoot() : rounding) * (values.first ?? 0)
        isWhole = values.count >= min(rowCount, right.rows)
        effectiveRank = values.count { $0 > limit }
    }

    /// The first values and vectors of another result.
    package init(leading count: Int, of whole: SingularFactors, rowCount: Int) {
        self.init(
            values: Array(whole.values.prefix(count)), right: whole.right.leadingColumns(count),
            squaredNorm: whole.squaredNorm, rowCount: rowCount, route: whole.route, reason: whole.reason)
    }

    /// Whether all singular values are there.
    package let isWhole: Bool

    /// Sum of the squares of the first `count` values over that of the whole matrix, 0 to 1; 1 for a matrix of zeros.
    package func energy(of count: Int) -> Double {
        guard squaredNorm > 0 else { return 1 }
        return min(1, values.prefix(count).reduce(0) { $0 + $1 * $1 } / squaredNorm)
    }

    /// Sum of the squares of what the first `count` values leave out.
    package func squaredResidual(of count: Int) -> Double {
        // Where all values are known the tail is summed by itself: the difference of two large sums would cancel.
        if isWhole { return values.dropFirst(count).reduce(0) { $0 + $1 * $1 } }
        return max(0, squaredNorm - values.prefix(count).reduce(0) { $0 + $1 * $1 })
    }

    /// V·Vᵀ of the first `count` vectors: M times this is M truncated.
    package func projector(of count: Int) -> Matrix {
        let kept = right.leadingColumns(count)
        return kept.times(transposed: kept)
    }
}

extension Matrix {
    /// Each column times ±1, so that its component of greatest magnitude (the first of several) is positive.
    package var signNormalized: Matrix {
        var result = self
        for column in 0..<columns {
            var greatest = 0.0
            for row in 0..<rows where abs(self[row, column]) > abs(greatest) { greatest = self[row, column] }
            if greatest < 0 { for row in 0..<rows { result[row, column] = -self[row, column] } }
        }
        return result
    }

    /// The lower triangle made from the upper one.
    func symmetrized() -> Matrix {
        var result = self
        for column in 0..<columns {
            for row in 0..<column { result[column, row] = self[row, column] }
        }
        return result
    }

    var trace: Double { (0..<min(rows, columns)).reduce(0) { $0 + self[$1, $1] } }
}
