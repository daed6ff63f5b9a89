internal import Foundation

/// Decimal strings (DS): at most 16 characters (PS3.5 6.2).
enum DecimalText {
    /// The text with the most digits that fit.
    static func text(_ value: Double) -> String {
        for digits in stride(from: 15, to: 0, by: -1) {
            let text = String(format: "%.\(digits)g", value)
            if text.utf8.count <= 16 { return text }
        }
        return "0"
    }

    /// What a reader makes of the text.
    static func rounded(_ value: Double) -> Double { Double(text(value)) ?? value }
}
