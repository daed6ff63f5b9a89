/// How people write the numbers of a domain.
///
/// Accepted is the whole text, trimmed: a sign, digits, a decimal separator, an exponent, and a unit, each but the
/// digits optional. Grouping separators stand before each three digits or nowhere: `1,234` but not `12,34`.
package struct NumberFormat: Sendable, Equatable {
    /// `.` or `,`.
    package let decimal: Character
    /// The separator of thousands; `nil` where none is accepted.
    package let grouping: Character?
    /// For each unit people write, how many of it make one unit of the domain: `{years: 1, months: 12}`.
    package let units: [String: Double]

    package init(decimal: Character = ".", grouping: Character? = nil, units: [String: Double] = [:]) {
        self.decimal = decimal
        self.grouping = grouping
        self.units = units
    }

    /// The number that `text` says, in the unit of the domain; `nil` where it says none.
    ///
    /// The result is infinite where the number is too large for a `Double`.
    func number(in text: String) -> Double? {
        var rest = text.trimmed()[...]
        var digits = ""
        if let sign = rest.first, sign == "-" || sign == "+" {
            digits.append(rest.removeFirst())
        }
        guard takeWhole(&rest, into: &digits), takeFraction(&rest, into: &digits) else { return nil }
        takeExponent(&rest, into: &digits)
        guard let number = Double(digits) else { return nil }
        let unit = String(rest).trimmed()
        if unit.isEmpty { return number }
        return units[unit].map { number / $0 }
    }

    private func takeWhole(_ rest: inout Substring, into digits: inout String) -> Bool {
        var group = rest.takeDigits()
        digits += group
        guard let grouping, !group.isEmpty, rest.first == grouping else { return !group.isEmpty }
        guard group.count <= 3 else { return false }
        while rest.first == grouping {
            rest.removeFirst()
            group = rest.takeDigits()
            guard group.count == 3 else { return false }
            digits += group
        }
        return true
    }

    private func takeFraction(_ rest: inout Substring, into digits: inout String) -> Bool {
        guard rest.first == decimal else { return true }
        rest.removeFirst()
        let fraction = rest.takeDigits()
        digits += "." + fraction
        return !fraction.isEmpty
    }

    /// Takes `e-3`; leaves an `e` without digits behind it, which may begin a unit.
    private func takeExponent(_ rest: inout Substring, into digits: inout String) {
        guard rest.first == "e" || rest.first == "E" else { return }
        var ahead = rest.dropFirst()
        var exponent = "e"
        if let sign = ahead.first, sign == "-" || sign == "+" { exponent.append(ahead.removeFirst()) }
        let power = ahead.takeDigits()
        guard !power.isEmpty else { return }
        digits += exponent + power
        rest = ahead
    }
}

extension NumberFormat: Decodable {
    private enum Key: String, CodingKey, CaseIterable { case decimal, grouping, units }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.strictContainer(keyedBy: Key.self)
        let decimal = try container.decodeIfPresent(String.self, forKey: .decimal) ?? "."
        let grouping = try container.decodeIfPresent(String.self, forKey: .grouping)
        guard decimal == "." || decimal == "," else {
            throw decoder.invalid("the decimal separator is '\(decimal)'; write '.' or ','")
        }
        guard grouping.map({ $0.count == 1 && $0 != decimal && $0.first?.isASCIIDigit == false }) ?? true else {
            throw decoder.invalid("the grouping separator is one character, no digit and not the decimal separator")
        }
        self.init(
            decimal: decimal == "," ? "," : ".", grouping: grouping?.first,
            units: try container.decodeIfPresent([String: Double].self, forKey: .units) ?? [:])
    }
}

extension Substring {
    /// Removes and returns the ASCII digits at the front.
    fileprivate mutating func takeDigits() -> Substring {
        let digits = prefix { $0.isASCIIDigit }
        removeFirst(digits.count)
        return digits
    }
}

extension Character {
    /// `isNumber` would accept `٣` and `½`, which `Double` does not read.
    fileprivate var isASCIIDigit: Bool { self >= "0" && self <= "9" && isASCII }
}
