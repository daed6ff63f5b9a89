internal import CanonicalJSON

/// What one level kept and what that did to the series.
package struct LevelResult: Sendable, Equatable {
    package enum Kind: Sendable, Equatable {
        case fraction(Double)
        case automatic
        case patches
    }

    package let kind: Kind
    /// Singular values kept; for MP-PCA the mean over the patches, rounded.
    package let keptCount: Int
    /// Of the values that were computed.
    package let zeroedCount: Int
    /// Relative to the whole matrix, 0 to 1.
    package let energy: Double
    /// Over the whole series, in its unit.
    package let rmse: Double
    /// dB, the peak being the range of the series; `nil` where nothing changed.
    package let psnr: Double?
    /// Means over the compared slices.
    package let ssim: Double?
    package let noiseBefore: Double
    package let noiseAfter: Double
    /// Between what was taken away and the picture, over the compared slices.
    package let residualCorrelation: Double?
    /// Between the magnitude of what was taken away and that of the picture's gradient: edges in the residual show here.
    package let edgeCorrelation: Double?

    /// How people and files call it: `drop-0.1pct_keep-99.9pct`, `auto_keep-101`, `mppca`.
    package var name: String {
        switch kind {
        case .fraction(let fraction):
            "drop-\(Decimal.percent(fraction))pct_keep-\(Decimal.percent(1 - fraction))pct"
        case .automatic: "auto_keep-\(keptCount)"
        case .patches: "mppca"
        }
    }

    package var droppedFraction: Double? {
        if case .fraction(let fraction) = kind { fraction } else { nil }
    }

    var json: JSONValue {
        func number(_ value: Double?) -> JSONValue { value.map(JSONValue.number) ?? .null }
        return [
            "name": .string(name), "dropped_fraction": number(droppedFraction), "kept": .integer(keptCount),
            "zeroed": .integer(zeroedCount), "energy": .number(energy), "rmse": .number(rmse), "psnr_db": number(psnr),
            "ssim": number(ssim), "noise_before": .number(noiseBefore), "noise_after": .number(noiseAfter),
            "residual_correlation": number(residualCorrelation), "residual_edge_correlation": number(edgeCorrelation),
        ]
    }
}
