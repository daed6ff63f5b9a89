/// A JSON value that is written in one way only.
///
/// Equal values give equal bytes, so a digest of the text identifies the value.
///
/// **Source** RFC 8785, JSON Canonicalization Scheme: no white space, keys in the order of their UTF-16 code units,
/// numbers as ECMAScript prints them.
enum CanonicalJSON: Sendable, Equatable {
    case null
    case string(String)
    case number(Double)
    case array([CanonicalJSON])
    case object([String: CanonicalJSON])

    var text: String {
        switch self {
        case .null: "null"
        case .string(let string): Self.quoted(string)
        case .number(let number): Self.ecmaScript(number)
        case .array(let elements): "[" + elements.map(\.text).joined(separator: ",") + "]"
        case .object(let members):
            "{"
                + members.sorted { $0.key.utf16.lexicographicallyPrecedes($1.key.utf16) }
                .map { Self.quoted($0.key) + ":" + $0.value.text }.joined(separator: ",") + "}"
        }
    }

    static func strings(_ strings: [String]) -> CanonicalJSON { .array(strings.map(CanonicalJSON.string)) }

    private static func quoted(_ string: String) -> String {
        var result = "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\u{8}": result += "\\b"
            case "\t": result += "\\t"
            case "\n": result += "\\n"
            case "\u{C}": result += "\\f"
            case "\r": result += "\\r"
            case "\u{0}"..<"\u{20}":
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }

    /// The shortest digits that read back as `number`, placed as `Number.prototype.toString` places them.
    ///
    /// JSON has no infinities and no NaN; a vocabulary that holds one is refused before it comes here.
    private static func ecmaScript(_ number: Double) -> String {
        precondition(number.isFinite, "canonical JSON holds finite numbers only")
        if number == 0 { return "0" }
        let (digits, point) = shortestDigits(number.magnitude)
        let sign = number < 0 ? "-" : ""
        let count = digits.count
        if count <= point, point <= 21 {
            return sign + digits + String(repeating: "0", count: point - count)
        }
        if point > 0, point <= 21 {
            return sign + digits.prefix(point) + "." + digits.dropFirst(point)
        }
        if point > -6, point <= 0 {
            return sign + "0." + String(repeating: "0", count: -point) + digits
        }
        let exponent = point - 1
        let mantissa = count == 1 ? digits : "\(digits.prefix(1)).\(digits.dropFirst())"
        return sign + mantissa + "e" + (exponent < 0 ? "-" : "+") + String(exponent.magnitude)
    }

    /// The digits d₁d₂…dₙ and the position p of the point, the number being 0.d₁d₂…dₙ × 10ᵖ.
    private static func shortestDigits(_ magnitude: Double) -> (digits: String, point: Int) {
        let parts = magnitude.description.split(separator: "e")
        let exponent = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
        let mantissa = parts[0].split(separator: ".", omittingEmptySubsequences: false)
        let whole = mantissa[0]
        let all = whole + (mantissa.count > 1 ? mantissa[1] : "")
        let withoutLeading = all.drop { $0 == "0" }
        let point = whole.count + exponent - (all.count - withoutLeading.count)
        var digits = String(withoutLeading)
        while digits.last == "0" { digits.removeLast() }
        return (digits, point)
    }
}
