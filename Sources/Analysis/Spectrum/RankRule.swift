/// How many singular values are signal.
package enum RankRule: String, Sendable, CaseIterable {
    /// The optimal hard threshold of Gavish and Donoho: least mean square error of the truncation.
    case gavishDonoho = "gavish-donoho"
    /// Everything above what pure noise can reach: keeps more, and with it some noise.
    case marchenkoPastur = "marchenko-pastur"
}

/// Where the noise level comes from.
package enum NoiseSource: Sendable, Equatable {
    /// The median absolute deviation of the finest diagonal wavelet detail of the slices, air left out.
    case image
    /// The median singular value over the median of the Marchenko–Pastur law: right where most of the spectrum is noise.
    case spectrum
    /// Given by the user, in the unit of the matrix.
    case given(Double)

    package var name: String {
        switch self {
        case .image: "image"
        case .spectrum: "spectrum"
        case .given: "given"
        }
    }
}

/// A rank that was chosen from the spectrum, with the reason.
package struct RankChoice: Sendable, Equatable {
    package let rank: Int
    package let rule: RankRule
    package let noiseSource: String
    /// Noise level σ, in the unit of the matrix.
    package let noise: Double
    /// Singular values above this are kept.
    package let threshold: Double
    package let explanation: String

    /// - Parameters:
    ///   - values: Singular values, greatest first; not all of them where they were computed by sketching.
    ///   - imageNoise: σ as the slices show it.
    package init(
        values: [Double], rows: Int, columns: Int, rule: RankRule, source: NoiseSource, imageNoise: Double
    ) {
        let (long, short) = (max(rows, columns), min(rows, columns))
        let law = MarchenkoPastur(longSide: long, shortSide: short)
        let root = Double(long).squareRoot()
        var source = source
        // The median of a part of the spectrum is not that of the spectrum.
        if source == .spectrum, values.count < short { source = .image }
        let noise =
            switch source {
            case .image: imageNoise
            case .given(let sigma): sigma
            case .spectrum: Self.median(values) / (root * law.median.squareRoot())
            }
        let factor = rule == .gavishDonoho ? law.optimalThreshold : law.upperEdge.squareRoot()
        let threshold = factor * root * noise
        let count = values.count { $0 > threshold }
        rank = max(1, min(count, values.count))
        self.rule = rule
        noiseSource = source.name
        self.noise = noise
        self.threshold = threshold
        explanation = Self.explain(
            rank: rank, of: values.count, short: short, rule: rule, source: source, noise: noise, threshold: threshold)
    }

    private static func median(_ values: [Double]) -> Double {
        guard !values.isEmpty else { return 0 }
        let middle = values.count / 2
        return values.count.isMultiple(of: 2) ? (values[middle - 1] + values[middle]) / 2 : values[middle]
    }

    private static func explain(
        rank: Int, of count: Int, short: Int, rule: RankRule, source: NoiseSource, noise: Double, threshold: Double
    ) -> String {
        let measured =
            switch source {
            case .image: "the finest diagonal detail of the slices shows noise of"
            case .spectrum: "the median singular value is that of noise of"
            case .given: "the noise was given as"
            }
        let limit =
            rule == .gavishDonoho
            ? "the threshold of Gavish and Donoho" : "the greatest singular value of such noise (Marchenko–Pastur)"
        guard noise > 0 else { return "\(measured) 0, so nothing is dropped" }
        let all =
            count < short && rank == count
            ? "; the other \(short - count) were not computed, and a greater rank may be better" : ""
        return "\(measured) \(Decimal.text(noise)); \(limit) is then \(Decimal.text(threshold)), which "
            + "\(rank) of \(count) singular values exceed\(all)"
    }
}
