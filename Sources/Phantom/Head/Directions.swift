/// Unit vectors of the 2,048 directions in which outlines are tabulated; computed once and shared.
struct Directions: Sendable {
    private let cosines: [Float]
    private let sines: [Float]

    init() {
        let count = Float(HeadLevel.directionCount)
        cosines = (0..<HeadLevel.directionCount).map { Trigonometry.cosine(turns: (Float($0) + 0.5) / count) }
        sines = (0..<HeadLevel.directionCount).map { Trigonometry.sine(turns: (Float($0) + 0.5) / count) }
    }

    /// The individual form of a head: a factor near 1 for every direction.
    ///
    /// All heads share a squarer diagonal and a wider back; the harmonics make them differ.
    func shape(_ anatomy: HeadAnatomy) -> [Float] {
        (0..<HeadLevel.directionCount).map { index in
            let (c, s) = (cosines[index], sines[index])
            let turns = Float(index) / Float(HeadLevel.directionCount)
            let fourfold = 8 * c * c * c * c - 8 * c * c + 1
            var factor = 1 - 0.034 * fourfold + 0.055 * s * c * c
            for (order, harmonic) in anatomy.harmonics.enumerated() {
                factor += harmonic.amplitude * Trigonometry.cosine(turns: Float(order + 2) * turns + harmonic.phase)
            }
            return factor
        }
    }

    /// Radii of an oval with different reach to the front (−y) and the back (+y).
    func outline(halfWidth: Float, front: Float, back: Float, _ shape: [Float]) -> [Float] {
        (0..<HeadLevel.directionCount).map { index in
            let u = cosines[index] / halfWidth
            let v = sines[index] / (sines[index] < 0 ? front : back)
            return shape[index] / (u * u + v * v).squareRoot()
        }
    }
}
