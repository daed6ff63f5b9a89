// The few operations on millimetre vectors that geometry needs.

func dot(_ first: SIMD3<Double>, _ second: SIMD3<Double>) -> Double { (first * second).sum() }

func cross(_ first: SIMD3<Double>, _ second: SIMD3<Double>) -> SIMD3<Double> {
    SIMD3(
        first.y * second.z - first.z * second.y,
        first.z * second.x - first.x * second.z,
        first.x * second.y - first.y * second.x)
}

func length(_ vector: SIMD3<Double>) -> Double { dot(vector, vector).squareRoot() }

extension SIMD3<Double> {
    var isFinite: Bool { x.isFinite && y.isFinite && z.isFinite }

    /// -0 becomes 0; IEEE 754 adds 0 to them so, and leaves every other number as it is.
    var withoutNegativeZeros: SIMD3<Double> { self + SIMD3(repeating: 0) }

    /// The vector of length 1 in this direction; `nil` for a null or non-finite vector.
    var unit: SIMD3<Double>? {
        let norm = length(self)
        return norm.isFinite && norm > 0 ? self / norm : nil
    }
}
