internal import CDCMTK

/// Turns elements into the token stream of `cdcmtk.h`.
struct TokenWriter {
    private(set) var tokens: [UInt8] = []

    mutating func append(_ header: DICOMHeader) throws(DICOMError) {
        for element in header.elements { try append(element) }
    }

    mutating func append(_ element: DICOMElement) throws(DICOMError) {
        switch element.value {
        case .empty where element.vr == .SQ: try appendItems([], element)
        case .empty: appendToken(element, kind: kindOfValue(element.vr), [])
        case .strings(let values): try appendText(values, element)
        case .signed(let values): try appendNumbers(values.map { UInt64(bitPattern: $0) }, element)
        case .unsigned(let values): try appendNumbers(values, element)
        case .reals(let values): try appendReals(values, element)
        case .tags(let values): try appendNumbers(values.map { UInt64($0.element) << 16 | UInt64($0.group) }, element)
        case .bytes(let bytes): appendToken(element, kind: kindOfValue(element.vr), bytes)
        case .items(let items): try appendItems(items, element)
        }
    }

    private func kindOfValue(_ vr: DICOMVR) -> Int {
        vr.content == .text ? cdcmtk_token_text : cdcmtk_token_bytes
    }

    private mutating func appendText(_ values: [String], _ element: DICOMElement) throws(DICOMError) {
        guard element.vr.content == .text else { throw mismatch(element) }
        appendToken(element, kind: cdcmtk_token_text, [UInt8](values.joined(separator: "\\").utf8))
    }

    private mutating func appendNumbers(_ values: [UInt64], _ element: DICOMElement) throws(DICOMError) {
        switch element.vr.content {
        case .signed, .unsigned, .tags: break
        default: throw mismatch(element)
        }
        let width = element.vr.width
        let bytes = values.flatMap { value in (0..<width).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }
        appendToken(element, kind: cdcmtk_token_bytes, bytes)
    }

    private mutating func appendReals(_ values: [Double], _ element: DICOMElement) throws(DICOMError) {
        guard element.vr.content == .real else { throw mismatch(element) }
        let width = element.vr.width
        let bytes = values.flatMap { value in
            let bits = width == 4 ? UInt64(Float(value).bitPattern) : value.bitPattern
            return (0..<width).map { UInt8(truncatingIfNeeded: bits >> (8 * $0)) }
        }
        appendToken(element, kind: cdcmtk_token_bytes, bytes)
    }

    private mutating func appendItems(_ items: [DICOMHeader], _ element: DICOMElement) throws(DICOMError) {
        guard element.vr == .SQ else { throw mismatch(element) }
        appendToken(element, kind: cdcmtk_token_sequence_begin, [])
        for item in items {
            appendToken(element, kind: cdcmtk_token_item_begin, [])
            try append(item)
            appendToken(element, kind: cdcmtk_token_item_end, [])
        }
        appendToken(element, kind: cdcmtk_token_sequence_end, [])
    }

    private mutating func appendToken(_ element: DICOMElement, kind: Int, _ payload: [UInt8]) {
        tokens.reserveCapacity(tokens.count + 12 + payload.count)
        for half in [element.tag.group, element.tag.element] {
            tokens.append(UInt8(truncatingIfNeeded: half))
            tokens.append(UInt8(truncatingIfNeeded: half >> 8))
        }
        tokens.append(contentsOf: element.vr.rawValue.utf8)
        tokens.append(UInt8(truncatingIfNeeded: kind))
        tokens.append(0)
        for shift in stride(from: 0, to: 32, by: 8) { tokens.append(UInt8(truncatingIfNeeded: payload.count >> shift)) }
        tokens.append(contentsOf: payload)
    }

    private func mismatch(_ element: DICOMElement) -> DICOMError {
        .unwritable(reason: "the value of \(element.tag) does not fit its value representation \(element.vr.rawValue)")
    }
}
