internal import CanonicalJSON
internal import Crypto

/// The DICOM JSON model in canonical form.
///
/// As PS3.18 F.2, with these choices: DS, IS, SV and UV are JSON strings with the exact text of the file (the standard
/// allows it), because a number would lose "1.0" against "1.00" and 64-bit integers; a value of bytes is
/// `InlineBinary` up to 1 KiB (look-up tables: 128 KiB), and beyond it `slicehouseLength` and `slicehouseSHA256` (lower-case hexadecimal) of the
/// little-endian bytes; NaN and infinities are the strings "NaN", "Infinity", "-Infinity". The text is canonical
/// (RFC 8785): equal elements have equal text.
extension DICOMElement {
    /// Bytes up to this count are stored in the header, longer ones by length and digest.
    package static let inlineByteLimit = 1024
    /// The same for look-up tables: 65,536 entries of 16 bits.
    package static let tableByteLimit = 131_072

    /// The element without its tag: `{"Value":["CT"],"vr":"CS"}`.
    package var json: String {
        var text = ""
        appendJSON(to: &text)
        return text
    }

    /// One JSON text per value, in order; a value of bytes has none.
    package var valueTexts: [String] {
        switch value {
        case .empty, .bytes: []
        case .strings(let values): values.map { vr == .PN ? Self.personName($0) : Self.text($0) }
        case .signed(let values): values.map { vr == .SV ? "\"\($0)\"" : $0.description }
        case .unsigned(let values): values.map { vr == .UV ? "\"\($0)\"" : $0.description }
        case .reals(let values): values.map { $0.isFinite ? JSONValue.ecmaScript($0) : Self.nonFinite($0) }
        case .tags(let values): values.map { JSONValue.quoted($0.hexadecimal) }
        case .items(let items): items.map { $0.json }
        }
    }

    /// Appending to one text is several times faster than joining many, and there are hundreds of elements a slice.
    func appendJSON(to text: inout String) {
        text += "{"
        switch value {
        case .empty: break
        case .bytes(let bytes): appendBytes(bytes, limit: inlineByteLimit, to: &text)
        case .items(let items): appendValues(items, to: &text) { $1.appendJSON(to: &$0) }
        default: appendValues(valueTexts, to: &text) { $0 += $1 }
        }
        text += "\"vr\":\""
        text += vr.rawValue
        text += "\"}"
    }

    private func appendValues<Value>(_ values: [Value], to text: inout String, append: (inout String, Value) -> Void) {
        text += "\"Value\":["
        var isFirst = true
        for value in values {
            if !isFirst { text += "," }
            append(&text, value)
            isFirst = false
        }
        text += "],"
    }

    /// Tables that a picture cannot be shown without are kept whole: LUT Data, and the colours of palettes, segmented
    /// or not.
    private var inlineByteLimit: Int {
        let tables: Set<UInt32> = [
            0x0028_3006, 0x0028_1201, 0x0028_1202, 0x0028_1203, 0x0028_1221, 0x0028_1222, 0x0028_1223,
        ]
        return tables.contains(tag.number) ? Self.tableByteLimit : Self.inlineByteLimit
    }

    private func appendBytes(_ bytes: [UInt8], limit: Int, to text: inout String) {
        guard bytes.count > limit else {
            text += "\"InlineBinary\":\"\(Base64.text(of: bytes))\","
            return
        }
        let digest = SHA256.hash(data: bytes).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        text += "\"slicehouseLength\":\(bytes.count),\"slicehouseSHA256\":\"\(digest)\","
    }

    private static func text(_ value: String) -> String { value.isEmpty ? "null" : JSONValue.quoted(value) }

    /// PS3.5 6.2.1.1: alphabetic=ideographic=phonetic.
    private static func personName(_ value: String) -> String {
        let groups = value.split(separator: "=", maxSplits: 2, omittingEmptySubsequences: false)
        let members = zip(["Alphabetic", "Ideographic", "Phonetic"], groups).filter { !$1.isEmpty }
        guard !members.isEmpty else { return "null" }
        let texts = members.map { ($0, JSONValue.string(String($1))) }
        return JSONValue.object(Dictionary(texts, uniquingKeysWith: { first, _ in first })).text
    }

    private static func nonFinite(_ value: Double) -> String {
        value.isNaN ? "\"NaN\"" : value > 0 ? "\"Infinity\"" : "\"-Infinity\""
    }
}

extension DICOMHeader {
    /// The header as one canonical JSON object, keyed by eight hexadecimal digits in ascending order.
    package var json: String {
        var text = ""
        appendJSON(to: &text)
        return text
    }

    fileprivate func appendJSON(to text: inout String) {
        text += "{"
        var isFirst = true
        for element in elements {
            text += isFirst ? "\"" : ",\""
            text += element.tag.hexadecimal
            text += "\":"
            element.appendJSON(to: &text)
            isFirst = false
        }
        text += "}"
    }
}
