internal import Glibc

/// The Marchenko–Pastur law: how the squares of the singular values of pure noise spread.
///
/// For a long × short matrix of independent noise of variance 1, the eigenvalues of (1 / long)·XᵀX lie between (1 − √β)²
/// and (1 + √β)², β = short / long.
package struct MarchenkoPastur: Sendable {
    /// 0 < β ≤ 1.
    package let ratio: Double

    package init(longSide: Int, shortSide: Int) {
        precondition(shortSide > 0 && longSide >= shortSide, "the sides are in the wrong order")
        ratio = Double(shortSide) / Double(longSide)
    }

    package var lowerEdge: Double { (1 - ratio.squareRoot()) * (1 - ratio.squareRoot()) }
    package var upperEdge: Double { (1 + ratio.squareRoot()) * (1 + ratio.squareRoot()) }

    /// The median of the law, by the midpoint rule over the angle that spans the support (the integrand is smooth there).
    package var median: Double {
        let steps = 20_000
        let half = (upperEdge - lowerEdge) / 2
        var masses: [(value: Double, mass: Double)] = []
        masses.reserveCapacity(steps)
        var total = 0.0
        for step in 0..<steps {
            let angle = (Double(step) + 0.5) / Double(steps) * Double.pi
            let value = (upperEdge + lowerEdge) / 2 - half * cos(angle)
            // √((b − x)(x − a)) / x · dx, up to a constant.
            let mass = sin(angle) * sin(angle) / value
            masses.append((value, mass))
            total += mass
        }
        var sum = 0.0
        for (value, mass) in masses {
            sum += mass
            if sum >= total / 2 { return value }
        }
        return upperEdge
    }

    /// The threshold on singular values, in units of σ·√long, that minimises the error of the truncation
    /// (4/√3 = 2.309 for a square matrix).
    ///
    /// **Source** Gavish, Donoho: The optimal hard threshold for singular values is 4/√3 (2014), equation 11.
    package var optimalThreshold: Double {
        let inner = (ratio * ratio + 14 * ratio + 1).squareRoot()
        return (2 * (ratio + 1) + 8 * ratio / (ratio + 1 + inner)).squareRoot()
    }
}
