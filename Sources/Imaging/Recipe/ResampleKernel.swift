/// How new samples are made of old ones when a picture changes its size.
///
/// As Pillow's `resize` does for pictures of mode F: `nearest`, or a separable kernel that widens by the scale when the
/// picture shrinks. `area` is Pillow's BOX: where the scale is whole, the mean of what a new pixel covers.
/// **Source** Pillow 11, `src/libImaging/Resample.c` and `Geometry.c`.
package enum ResampleKernel: String, Sendable, CaseIterable {
    case nearest, bilinear, bicubic, area

    /// Half the width, in old samples; `nil` for `nearest`, which weighs nothing.
    var support: Double? {
        switch self {
        case .nearest: nil
        case .area: 0.5
        case .bilinear: 1
        case .bicubic: 2
        }
    }

    func weight(_ position: Double) -> Double {
        let x = abs(position)
        switch self {
        case .nearest: return 0
        case .area: return position > -0.5 && position <= 0.5 ? 1 : 0
        case .bilinear: return x < 1 ? 1 - x : 0
        case .bicubic:
            // Keys' kernel with a = -0.5.
            let a = -0.5
            if x < 1 { return ((a + 2) * x - (a + 3)) * x * x + 1 }
            if x < 2 { return (((x - 5) * x + 8) * x - 4) * a }
            return 0
        }
    }
}

/// The old samples that one new sample is made of.
struct ResampleWeights {
    let first: Int
    let weights: [Double]

    /// One per new sample; the weights of each add up to 1.
    static func all(from input: Int, to output: Int, kernel: ResampleKernel) -> [ResampleWeights] {
        guard let reach = kernel.support else { return nearest(from: input, to: output) }
        let scale = Double(input) / Double(output)
        let widening = max(1, scale)
        let support = reach * widening
        return (0..<output).map { index in
            let centre = (Double(index) + 0.5) * scale
            let first = max(0, Int(centre - support + 0.5))
            let end = min(input, Int(centre + support + 0.5))
            var weights = (first..<end).map { kernel.weight((Double($0) - centre + 0.5) * (1 / widening)) }
            let sum = weights.reduce(0, +)
            if sum != 0 { weights = weights.map { $0 / sum } }
            return ResampleWeights(first: first, weights: weights)
        }
    }

    private static func nearest(from input: Int, to output: Int) -> [ResampleWeights] {
        nearestIndices(from: input, to: output).map { ResampleWeights(first: $0, weights: [1]) }
    }

    /// The old sample that each new one copies. Positions are added up, as Pillow does, so that ties fall alike.
    static func nearestIndices(from input: Int, to output: Int) -> [Int] {
        let scale = Double(input) / Double(output)
        var position = scale * 0.5
        return (0..<output).map { _ in
            defer { position += scale }
            return min(input - 1, Int(position))
        }
    }
}
