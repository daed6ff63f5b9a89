internal import Foundation

/// Numbers for people: a few significant digits.
enum Decimal {
    static func text(_ value: Double, digits: Int = 4) -> String {
        guard value.isFinite else { return value.isNaN ? "-" : "∞" }
        return String(format: "%.\(digits)g", value)
    }

    /// A fraction as a percentage without needless zeros: 0.001 → "0.1", 0.3 → "30".
    static func percent(_ fraction: Double) -> String { String(format: "%.10g", fraction * 100) }

    /// With a number of places after the point.
    static func fixed(_ value: Double, _ places: Int) -> String {
        value.isFinite ? String(format: "%.\(places)f", value) : "-"
    }
}
