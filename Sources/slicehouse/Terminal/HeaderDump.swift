import CanonicalJSON
import DICOM
import Foundation

/// A header as dcmdump prints it: `(gggg,eeee) VR value # VM Keyword`, items indented below their sequence.
///
/// Lengths are left out: what is stored is the value, not its padding. Text stands in brackets, numbers do not; bytes are
/// hexadecimal, long ones by length and digest.
enum HeaderDump {
    static func text(_ members: [String: JSONValue]) -> String {
        lines(members, indent: "").joined(separator: "\n")
    }

    private static func lines(_ members: [String: JSONValue], indent: String) -> [String] {
        members.sorted { $0.key < $1.key }.flatMap { tag, attribute in
            let vr = attribute["vr"]?.string ?? "UN"
            let head = "\(indent)(\(tag.prefix(4).lowercased()),\(tag.suffix(4).lowercased())) \(vr) "
            guard vr == "SQ" else {
                let value = value(attribute, vr: vr)
                return [padded(head + value.text) + " # \(value.multiplicity) \(keyword(tag))"]
            }
            let items = attribute["Value"]?.array ?? []
            let title = padded(head + "(Sequence with \(items.count) items)") + " # 1 \(keyword(tag))"
            return [title]
                + items.flatMap { item in
                    ["\(indent)  (fffe,e000) na (Item)"] + lines(item.object ?? [:], indent: indent + "    ")
                }
        }
    }

    private static func padded(_ text: String) -> String {
        text + String(repeating: " ", count: max(0, 64 - text.count))
    }

    private static func keyword(_ tag: String) -> String {
        guard let number = UInt32(tag, radix: 16) else { return tag }
        let tag = DICOMTag(number: number)
        if let keyword = DICOMDictionary.keyword(of: tag) { return keyword }
        if tag.isPrivateCreator { return "PrivateCreator" }
        return tag.element == 0 ? "GenericGroupLength" : "Unknown Tag & Data"
    }

    private static func value(_ attribute: JSONValue, vr: String) -> (text: String, multiplicity: Int) {
        if let count = attribute["slicehouseLength"]?.number, let digest = attribute["slicehouseSHA256"]?.string {
            return ("(\(Int(count)) bytes, SHA-256 \(digest.prefix(16))…)", 1)
        }
        if let binary = attribute["InlineBinary"]?.string { return (hexadecimal(binary, isWords: vr == "OW"), 1) }
        let values = attribute["Value"]?.array ?? []
        guard !values.isEmpty, values.contains(where: { $0 != .null }) else { return ("(no value available)", 0) }
        let text = values.map { one($0, vr: vr) }.joined(separator: "\\")
        let isNumber = ["FL", "FD", "SL", "SS", "UL", "US", "SV", "UV", "AT"].contains(vr)
        return (isNumber ? text : "[\(text.visible)]", values.count)
    }

    /// `00\\01`, or `0100\\…` for words, as dcmdump writes them.
    private static func hexadecimal(_ base64: String, isWords: Bool) -> String {
        let bytes = Data(base64Encoded: base64).map { Array($0) } ?? []
        let digits = bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
        guard isWords else { return digits.joined(separator: "\\") }
        return stride(from: 0, to: digits.count - 1, by: 2).map { digits[$0 + 1] + digits[$0] }.joined(
            separator: "\\")
    }

    private static func one(_ value: JSONValue, vr: String) -> String {
        switch value {
        case .null: return ""
        case .string(let string):
            return vr == "AT" ? "(\(string.prefix(4).lowercased()),\(string.suffix(4).lowercased()))" : string
        case .object: return DICOMElement.personName(value)
        default: return value.text
        }
    }
}
