package import CanonicalJSON
internal import Foundation

/// Back from the DICOM JSON that ``DICOMElement/json`` writes.
extension DICOMElement {
    /// `nil` where the JSON does not hold the value: bytes that were too many are kept by their digest only.
    package init?(tag: DICOMTag, json: JSONValue) {
        guard let vr = json["vr"]?.string.flatMap(DICOMVR.init(rawValue:)) else { return nil }
        if json["slicehouseLength"] != nil { return nil }
        if let text = json["InlineBinary"]?.string {
            guard let data = Data(base64Encoded: text) else { return nil }
            self.init(tag: tag, vr: vr, value: .bytes(Array(data)))
            return
        }
        guard let values = json["Value"]?.array, !values.isEmpty else {
            self.init(tag: tag, vr: vr, value: vr == .SQ ? .items([]) : .empty)
            return
        }
        guard let value = Self.value(values, of: vr) else { return nil }
        self.init(tag: tag, vr: vr, value: value)
    }

    private static func value(_ values: [JSONValue], of vr: DICOMVR) -> DICOMValue? {
        switch vr.content {
        case .text: .strings(values.map { vr == .PN ? personName($0) : $0.string ?? "" })
        case .signed: all(values.map(integer)).map(DICOMValue.signed)
        case .unsigned: all(values.map { integer($0).flatMap { UInt64(exactly: $0) } }).map(DICOMValue.unsigned)
        case .real: all(values.map(real)).map(DICOMValue.reals)
        case .tags:
            all(values.map { $0.string.flatMap { UInt32($0, radix: 16) } }).map {
                .tags($0.map(DICOMTag.init(number:)))
            }
        case .items: .items(values.compactMap { $0.object.map(DICOMHeader.init(json:)) })
        case .bytes: nil
        }
    }

    private static func all<Number>(_ numbers: [Number?]) -> [Number]? {
        let present = numbers.compactMap(\.self)
        return present.count == numbers.count ? present : nil
    }

    private static func integer(_ value: JSONValue) -> Int64? {
        value.number.flatMap { Int64(exactly: $0) } ?? value.string.flatMap { Int64($0) }
    }

    private static func real(_ value: JSONValue) -> Double? {
        switch value {
        case .number(let number): number
        case .string("NaN"): .nan
        case .string("Infinity"): .infinity
        case .string("-Infinity"): -.infinity
        default: nil
        }
    }

    /// A PN as text: alphabetic=ideographic=phonetic, of which empty ones stay where others follow (PS3.5 6.2.1.1).
    package static func personName(_ value: JSONValue) -> String {
        var groups = ["Alphabetic", "Ideographic", "Phonetic"].map { value[$0]?.string ?? "" }
        while groups.last == "" { groups.removeLast() }
        return groups.joined(separator: "=")
    }
}

extension DICOMHeader {
    /// The attributes of a JSON object keyed by eight hexadecimal digits; what it does not hold whole is left out.
    package init(json members: [String: JSONValue]) {
        self.init(
            elements: members.compactMap { key, value in
                UInt32(key, radix: 16).flatMap { DICOMElement(tag: DICOMTag(number: $0), json: value) }
            })
    }
}
