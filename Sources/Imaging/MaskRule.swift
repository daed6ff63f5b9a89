/// The rule that turns grey levels into set pixels; its text is stored beside each derived mask (`mask_rule`).
package enum MaskRule: Sendable, Hashable, CustomStringConvertible {
    /// Set where the value exceeds the middle between the smallest and the largest value of the whole source. Right for
    /// masks whose two levels are known only roughly (integer extremes scaled to about 0 and 255).
    case midRange
    /// Set where the value exceeds a fixed one, e.g. 127 for JPEG masks.
    case above(Double)
    /// Set where the value is not 0. Right only for masks whose background is exactly 0.
    case nonZero
    /// Set where the value is one of these: segment numbers of a label map. Ascending; values may be off by what slope
    /// and intercept are rounded.
    case values([Double])

    /// `mid-range`, `>127`, `nonzero`, `=3,4`.
    package var description: String {
        switch self {
        case .midRange: "mid-range"
        case .above(let value): ">" + Self.text(value)
        case .nonZero: "nonzero"
        case .values(let values): "=" + values.map(Self.text).joined(separator: ",")
        }
    }

    /// A value as it stands in rules: whole numbers without a fraction.
    package static func text(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e15 ? String(Int(value)) : String(value)
    }

    /// Reads the stored text back; `nil` for anything else.
    package init?(_ text: String) {
        switch text {
        case "mid-range": self = .midRange
        case "nonzero": self = .nonZero
        default:
            let numbers = text.dropFirst().split(separator: ",", omittingEmptySubsequences: false).map { Double($0) }
            let values = numbers.compactMap(\.self).filter(\.isFinite)
            guard values.count == numbers.count else { return nil }
            switch (text.first, values.count) {
            case (">", 1): self = .above(values[0])
            case ("=", 1...): self = .values(values.sorted())
            default: return nil
            }
        }
    }
}
