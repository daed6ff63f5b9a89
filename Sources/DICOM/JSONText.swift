/// Canonical JSON text: sorted keys, no spaces, one spelling per number and string.
///
/// **Source** RFC 8785 (JCS); numbers by ECMA-262 6.1.6.1.20 Number::toString.
enum JSONText {
    /// A quoted string: the seven short escapes where they exist, `\u00xx` for other controls, all else as it is.
    static func string(_ text: String) -> String {
        let isPlain = text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x22 && $0 != 0x5C }
        return isPlain ? "\"\(text)\"" : "\"\(text.unicodeScalars.map(escaped).joined())\""
    }

    private static func escaped(_ scalar: Unicode.Scalar) -> String {
        switch scalar {
        case "\"": "\\\""
        case "\\": "\\\\"
        case "\u{8}": "\\b"
        case "\t": "\\t"
        case "\n": "\\n"
        case "\u{C}": "\\f"
        case "\r": "\\r"
        case _ where scalar.value < 0x20: "\\u00" + (scalar.value < 0x10 ? "0" : "") + String(scalar.value, radix: 16)
        default: String(scalar)
        }
    }

    /// A finite number; `nil` for NaN and infinities, which JSON does not have.
    static func number(_ value: Double) -> String? {
        guard value.isFinite else { return nil }
        guard value != 0 else { return "0" }
        let (digits, point) = decimalForm(of: value.magnitude)
        return (value < 0 ? "-" : "") + layOut(digits: digits, point: point)
    }

    /// The shortest digits that read back as `value`, and where the decimal point stands: 0.`digits` × 10^`point`.
    ///
    /// Swift's `description` gives the same shortest, closest digits as ECMA-262 asks for; only its layout differs.
    private static func decimalForm(of value: Double) -> (digits: [Character], point: Int) {
        let parts = value.description.lowercased().split(separator: "e")
        let mantissa = parts[0].split(separator: ".", omittingEmptySubsequences: false)
        let exponent = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
        let whole = Array(mantissa[0])
        let fraction = mantissa.count > 1 ? Array(mantissa[1]) : []
        let all = whole + fraction
        let leading = all.prefix { $0 == "0" }.count
        let trailing = all.reversed().prefix { $0 == "0" }.count
        return (Array(all[leading..<all.count - trailing]), whole.count - leading + exponent)
    }

    private static func layOut(digits: [Character], point: Int) -> String {
        let count = digits.count
        if count <= point, point <= 21 { return String(digits) + String(repeating: "0", count: point - count) }
        if point > 0, point <= 21 { return String(digits[..<point]) + "." + String(digits[point...]) }
        if point > -6, point <= 0 { return "0." + String(repeating: "0", count: -point) + String(digits) }
        let exponent = (point - 1 < 0 ? "-" : "+") + String((point - 1).magnitude)
        let fraction = count > 1 ? "." + String(digits[1...]) : ""
        return String(digits[0]) + fraction + "e" + exponent
    }

    /// An object from keys and finished JSON texts; keys are sorted by UTF-16 code units.
    static func object(_ members: [(key: String, json: String)]) -> String {
        let sorted = members.sorted { $0.key.utf16.lexicographicallyPrecedes($1.key.utf16) }
        return "{" + sorted.map { "\(string($0.key)):\($0.json)" }.joined(separator: ",") + "}"
    }
}
