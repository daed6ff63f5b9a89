package import CanonicalJSON
package import Imaging

/// How a series is denoised, without gaps. What changes the numbers is its recipe.
package struct DenoiseSettings: Sendable {
    package enum Method: String, Sendable {
        case exact, randomized, mppca
    }

    /// Which level becomes a derived series.
    package enum Output: Sendable, Equatable {
        case automatic, patches, none
        case fraction(Double)

        var name: String {
            switch self {
            case .automatic: "auto"
            case .patches: "mppca"
            case .none: "none"
            case .fraction(let fraction): Decimal.text(fraction, digits: 10)
            }
        }
    }

    package let method: Method
    /// `nil`: all singular values.
    package let rank: Int?
    package let oversampling: Int
    package let powerIterations: Int
    package let seed: UInt64
    package let fractions: [Double]
    package let rule: RankRule
    package let noiseSource: NoiseSource
    package let usesRescale: Bool
    package let output: Output
    package let patch: PatchOptions
    /// Bytes.
    package let memory: Int
    package let cores: Int
    package let slice: Int?
    package let window: WindowLevel?

    /// Every parameter that the numbers depend on; memory and cores change none of them.
    package var recipe: JSONValue {
        var members: [String: JSONValue] = [
            "operation": "denoise", "version": 1, "method": .string(method.rawValue),
            "rank": rank.map { .integer($0) } ?? "all", "levels": .array(fractions.map(JSONValue.number)),
            "rank_rule": .string(rule.rawValue), "noise": noise, "values": usesRescale ? "rescaled" : "stored",
            "stored_level": .string(output.name), "probe_seed": .string(String(seed)),
        ]
        if method == .randomized {
            members["oversampling"] = .integer(oversampling)
            members["power_iterations"] = .integer(powerIterations)
            members["generator"] = "philox4x32-10"
        }
        if method == .mppca {
            members["patch"] = [
                "side": .integer(patch.side), "slices": .integer(patch.slices), "step": .integer(patch.step),
            ]
        }
        return .object(members)
    }

    private var noise: JSONValue {
        if case .given(let sigma) = noiseSource { .number(sigma) } else { .string(noiseSource.name) }
    }
}
