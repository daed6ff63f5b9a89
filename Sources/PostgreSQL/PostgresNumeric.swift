internal import SQLInterface

/// A `numeric` as text, and the value it becomes.
///
/// `sum(bigint)` and `avg(integer)` are numeric in PostgreSQL, integer and real in SQLite. To answer alike, a numeric
/// without a fraction part becomes an integer if it fits and any other a real.
struct PostgresNumeric {
    let text: String

    init(text: String) {
        self.text = text
    }

    /// **Shape** Int16 digit count, Int16 weight of the first digit, UInt16 sign, UInt16 decimals, then base-10000
    /// digits. **Source** `numeric_send` in PostgreSQL's numeric.c.
    init?(binary bytes: UnsafeRawBufferPointer) {
        var fields: [Int] = []
        for start in stride(from: 0, to: bytes.count - 1, by: 2) {
            unsafe fields.append(Int(Int16(bigEndian: bytes.loadUnaligned(fromByteOffset: start, as: Int16.self))))
        }
        guard fields.count >= 4, fields.count == 4 + fields[0] else { return nil }
        let (weight, sign, scale) = (fields[1], UInt16(truncatingIfNeeded: fields[2]), fields[3])
        switch sign {
        case 0xC000: text = "NaN"
        case 0xD000: text = "inf"
        case 0xF000: text = "-inf"
        default:
            text = (sign == 0x4000 ? "-" : "") + Self.decimal(Array(fields[4...]), weight: weight, scale: scale)
        }
    }

    var value: SQLValue? {
        if let integer = Int64(text) { return .integer(integer) }
        return Double(text).map { .real($0) }
    }

    private static func decimal(_ digits: [Int], weight: Int, scale: Int) -> String {
        func group(_ place: Int) -> String {
            let index = weight - place
            let digit = digits.indices.contains(index) ? digits[index] : 0
            return String(String(10_000 + digit).dropFirst())
        }
        let whole = weight < 0 ? "0" : stride(from: weight, through: 0, by: -1).map(group).joined()
        let trimmed = whole.drop { $0 == "0" }
        guard scale > 0 else { return trimmed.isEmpty ? "0" : String(trimmed) }
        let groupCount = (scale + 3) / 4
        let fraction = (1...groupCount).map { group(-$0) }.joined().prefix(scale)
        return (trimmed.isEmpty ? "0" : String(trimmed)) + "." + fraction
    }
}
