/// The rule that turns grey levels into set pixels; its text is stored beside each derived mask (`mask_rule`).
package enum MaskRule: Sendable, Equatable, CustomStringConvertible {
    /// Set where the value exceeds the middle between the smallest and the largest value of the whole source. Right for
    /// masks whose two levels are known only roughly (integer extremes scaled to about 0 and 255).
    case midRange
    /// Set where the value exceeds a fixed one, e.g. 127 for JPEG masks.
    case above(Double)
    /// Set where the value is not 0. Right only for masks whose background is exactly 0.
    case nonZero

    /// `mid-range`, `>127`, `nonzero`.
    package var description: String {
        switch self {
        case .midRange: "mid-range"
        case .above(let value): value == value.rounded() && abs(value) < 1e15 ? ">\(Int(value))" : ">\(value)"
        case .nonZero: "nonzero"
        }
    }

    /// Reads the stored text back; `nil` for anything else.
    package init?(_ text: String) {
        switch text {
        case "mid-range": self = .midRange
        case "nonzero": self = .nonZero
        default:
            guard text.first == ">", let value = Double(text.dropFirst()), value.isFinite else { return nil }
            self = .above(value)
        }
    }
}
