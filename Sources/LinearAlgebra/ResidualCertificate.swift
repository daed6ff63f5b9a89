internal import Glibc

/// What a truncation leaves out, measured on the matrix itself after the decomposition, by random probes.
///
/// With E = M − M·V·Vᵀ and p Gaussian probes ω: the mean of ‖Eω‖² estimates ‖E‖²_F without bias; ‖E‖₂ is at most
/// 10·√(2/π)·max‖Eω‖ except with probability 10⁻ᵖ (Halko, Martinsson, Tropp 2011, equation 4.3); power iterations with
/// the probes as start, orthonormalised by Householder QR in every step, approach ‖E‖₂ from below.
package struct ResidualCertificate: Sendable, Equatable {
    package let probeCount: Int
    package let powerIterations: Int
    /// Estimate of the Frobenius norm of E.
    package let frobeniusEstimate: Double
    /// Estimate of the greatest singular value of E, from below.
    package let spectralEstimate: Double
    /// Upper bound of the same, true except with probability 10^-probeCount.
    package let spectralBound: Double

    /// **Cost** `powerIterations` + 1 passes with `probeCount` columns.
    package static func measure(
        _ matrix: any TallMatrix, without vectors: Matrix, pass: RowPass, probeCount: Int = 10,
        powerIterations: Int = 1, seed: UInt64
    ) async throws -> ResidualCertificate {
        let count = min(probeCount, matrix.columnCount)
        // A stream of its own: the probes are independent of the sketch of the same seed.
        let gaussian = PhiloxGenerator(seed: seed, stream: 1).normal(rows: matrix.columnCount, columns: count)
        var probes = vectors.removing(from: gaussian)
        var image = try await apply(matrix, to: probes, pass: pass)
        let probeNorms = image.squaredNorms
        for _ in 0..<powerIterations {
            probes = vectors.removing(from: try HouseholderQR.basis(of: vectors.removing(from: image.product)))
            image = try await apply(matrix, to: probes, pass: pass)
        }
        let small = try SymmetricEigen(upperTriangleOf: probes.transposedTimes(image.product))
        let greatest = (probeNorms.max() ?? 0).squareRoot()
        return ResidualCertificate(
            probeCount: count, powerIterations: powerIterations,
            frobeniusEstimate: (probeNorms.reduce(0, +) / Double(max(1, count))).squareRoot(),
            spectralEstimate: max(0, small.values.first ?? 0).squareRoot(),
            spectralBound: 10 * (2 / Double.pi).squareRoot() * greatest)
    }

    private struct Image {
        /// MᵀM × probes.
        let product: Matrix
        /// ‖M·probe‖² of each.
        let squaredNorms: [Double]
    }

    private static func apply(_ matrix: any TallMatrix, to probes: Matrix, pass: RowPass) async throws -> Image {
        BLASThreads.use(1)
        let (columns, count) = (matrix.columnCount, probes.columns)
        let sum = try await pass.sum(matrix, count: (columns + 1) * count) { total, block in
            let image = block.times(probes)
            block.addTransposedTimes(image, to: &total)
            for index in 0..<count {
                total[columns * count + index] += image.column(index).reduce(0) { $0 + $1 * $1 }
            }
        }
        return Image(
            product: Matrix(rows: columns, columns: count, elements: Array(sum.prefix(columns * count))),
            squaredNorms: Array(sum.suffix(count)))
    }
}

extension Matrix {
    /// `other` without its part in the span of these orthonormal columns; twice, so that rounding leaves none of it.
    fileprivate func removing(from other: Matrix) -> Matrix {
        var rest = other
        for _ in 0..<2 {
            let part = times(transposedTimes(rest))
            for index in rest.elements.indices { rest.elements[index] -= part.elements[index] }
        }
        return rest
    }
}
