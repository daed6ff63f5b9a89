/// Decimal strings (DS) of at most 16 characters.
enum DecimalString {
    /// `value` with up to `places` digits after the point, trailing zeros removed; ties away from zero.
    ///
    /// **Source** DICOM PS3.5 6.2: DS is at most 16 bytes.
    static func text(_ value: Double, places: Int = 6) -> String {
        precondition(abs(value) < 1e6 && (0...6).contains(places), "a DS of the phantom is below a million")
        var power = 1
        for _ in 0..<places { power *= 10 }
        let scaled = Int((abs(value) * Double(power)).rounded())
        let whole = String(scaled / power)
        var digits = String(scaled % power)
        digits = String(repeating: "0", count: max(0, places - digits.count)) + digits
        while digits.hasSuffix("0") { digits.removeLast() }
        let text = digits.isEmpty || places == 0 ? whole : whole + "." + digits
        return value < 0 && scaled > 0 ? "-" + text : text
    }
}
