internal import DICOM

/// Collects the attributes of one file; a later value of a tag replaces an earlier one.
struct HeaderBuilder {
    private var elements: [DICOMTag: DICOMElement] = [:]
    /// Text outside ASCII is written in Latin-1 when the character set says ISO_IR 100.
    private let isLatin1: Bool

    init(characterSet: String?) {
        isLatin1 = characterSet == "ISO_IR 100"
        if let characterSet { text(0x0008, 0x0005, .CS, characterSet) }
    }

    var list: [DICOMElement] { elements.values.sorted { $0.tag < $1.tag } }

    mutating func text(_ group: UInt16, _ element: UInt16, _ vr: DICOMVR, _ values: String...) {
        texts(group, element, vr, values)
    }

    mutating func texts(_ group: UInt16, _ element: UInt16, _ vr: DICOMVR, _ values: [String]) {
        let joined = values.joined(separator: "\\")
        if joined.isEmpty {
            set(group, element, vr, .empty)
        } else if isLatin1, !joined.utf8.allSatisfy({ $0 < 0x80 }) {
            let bytes = joined.unicodeScalars.map { $0.value < 0x100 ? UInt8($0.value) : UInt8(ascii: "?") }
            set(group, element, vr, .bytes(bytes.count.isMultiple(of: 2) ? bytes : bytes + [0x20]))
        } else {
            set(group, element, vr, .strings(values))
        }
    }

    mutating func decimals(_ group: UInt16, _ element: UInt16, _ values: [Double], places: Int = 6) {
        texts(group, element, .DS, values.map { DecimalString.text($0, places: places) })
    }

    mutating func unsigned(_ group: UInt16, _ element: UInt16, _ value: Int) {
        set(group, element, .US, .unsigned([UInt64(value)]))
    }

    mutating func signed(_ group: UInt16, _ element: UInt16, _ value: Int) {
        set(group, element, .SS, .signed([Int64(value)]))
    }

    mutating func items(_ group: UInt16, _ element: UInt16, _ items: [HeaderBuilder]) {
        set(group, element, .SQ, .items(items.map { DICOMHeader(elements: $0.list) }))
    }

    mutating func bytes(_ group: UInt16, _ element: UInt16, _ vr: DICOMVR, _ value: [UInt8]) {
        set(group, element, vr, .bytes(value))
    }

    mutating func remove(_ group: UInt16, _ element: UInt16) {
        elements[DICOMTag(group, element)] = nil
    }

    private mutating func set(_ group: UInt16, _ element: UInt16, _ vr: DICOMVR, _ value: DICOMValue) {
        let tag = DICOMTag(group, element)
        elements[tag] = DICOMElement(tag: tag, vr: vr, value: value)
    }
}
