package import Imaging

/// How a series is denoised, as typed; ``resolve()`` turns it into settings.
package struct DenoiseOptions: Sendable {
    package var method = "exact"
    package var rank: Int?
    package var oversampling = 15
    package var powerIterations = 1
    package var seed: UInt64 = 0
    package var fractions = DropLevel.defaultFractions
    package var rule = RankRule.gavishDonoho.rawValue
    /// `image`, `spectrum`, or σ.
    package var noise = "image"
    /// `rescaled` or `stored`.
    package var values = "rescaled"
    /// `auto`, `mppca`, a fraction of the list, or `none`.
    package var store: String?
    package var patch = PatchOptions.standard
    package var memory = 1 << 30
    package var cores = 1
    /// 0-based; the middle one where it is `nil`.
    package var slice: Int?
    package var window: WindowLevel?

    package init() {}

    /// **Throws** `badOption`, naming the option.
    package func resolve() throws -> DenoiseSettings {
        guard let method = DenoiseSettings.Method(rawValue: method) else {
            throw bad("--method", "it is exact, randomized or mppca")
        }
        guard let rule = RankRule(rawValue: rule) else {
            throw bad("--rule", "it is \(RankRule.allCases.map(\.rawValue).joined(separator: " or "))")
        }
        guard rank.map({ (1...100_000).contains($0) }) ?? true else { throw bad("--rank", "it is at least 1") }
        guard (0...10_000).contains(oversampling) else { throw bad("--oversampling", "it lies between 0 and 10000") }
        guard (0...20).contains(powerIterations) else { throw bad("--power-iterations", "it lies between 0 and 20") }
        guard fractions.allSatisfy({ (0..<1).contains($0) }), Set(fractions).count == fractions.count,
            fractions.count <= 20
        else { throw bad("--levels", "they are at most 20 different fractions from 0 to below 1, such as 0.001,0.05") }
        guard (2...64).contains(patch.side), (2...512).contains(patch.slices), (1...patch.side).contains(patch.step)
        else { throw bad("--patch", "a side of 2 to 64, 2 to 512 slices, and a step from 1 to the side") }
        guard values == "rescaled" || values == "stored" else { throw bad("--values", "it is rescaled or stored") }
        guard slice.map({ $0 >= 0 }) ?? true else { throw bad("--slice", "slices are counted from 0") }
        return DenoiseSettings(
            method: method, rank: rank ?? (method == .randomized ? 245 : nil), oversampling: oversampling,
            powerIterations: powerIterations, seed: seed, fractions: fractions, rule: rule,
            noiseSource: try noiseSource(), usesRescale: values == "rescaled", output: try output(method),
            patch: patch, memory: memory, cores: max(1, cores), slice: slice, window: window)
    }

    private func noiseSource() throws -> NoiseSource {
        switch noise {
        case "image": return .image
        case "spectrum": return .spectrum
        default:
            guard let sigma = Double(noise), sigma.isFinite, sigma >= 0 else {
                throw bad("--noise", "it is image, spectrum, or a standard deviation in the unit of the values")
            }
            return .given(sigma)
        }
    }

    private func output(_ method: DenoiseSettings.Method) throws -> DenoiseSettings.Output {
        let store = store ?? (method == .mppca ? "mppca" : "auto")
        switch store {
        case "auto": return .automatic
        case "none": return .none
        case "mppca":
            guard method == .mppca else { throw bad("--store mppca", "it belongs to --method mppca") }
            return .patches
        default:
            guard let fraction = Double(store), fractions.contains(fraction) else {
                throw bad("--store", "it is auto, none, mppca, or one of the fractions of --levels")
            }
            return .fraction(fraction)
        }
    }

    private func bad(_ option: String, _ reason: String) -> AnalysisError { AnalysisError(.badOption, option, reason) }
}
