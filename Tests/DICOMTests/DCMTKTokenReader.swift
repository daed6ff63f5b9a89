import CDCMTK

@testable import DICOM

/// Turns the token stream of `cdcmtk.h` into a header tree.
struct DCMTKTokenReader {
    private let tokens: [UInt8]
    private var position = 0
    private(set) var warnings: [DICOMWarning] = []

    init(tokens: [UInt8]) { self.tokens = tokens }

    /// Reads the whole stream. `path` prefixes the paths of warnings.
    ///
    /// **Throws** `malformed` when the stream contradicts its own grammar, which is a bug of its writer.
    mutating func header(path: String = "") throws(DICOMError) -> DICOMHeader {
        var elements: [DICOMElement] = []
        while let token = try next() {
            if token.kind == cdcmtk_token_item_end { break }
            // Data Set Trailing Padding carries no meaning (PS3.10 7.2) and lies behind the pixels.
            if token.tag == .dataSetTrailingPadding { continue }
            elements.append(try element(token, path: path))
        }
        return DICOMHeader(elements: elements)
    }

    private struct Token {
        let tag: DICOMTag
        let vr: DICOMVR
        let kind: Int
        let flags: Int
        let payload: Range<Int>
    }

    private mutating func next() throws(DICOMError) -> Token? {
        guard position < tokens.count else { return nil }
        guard position + 12 <= tokens.count, let vr = DICOMVR(tokens[position + 4], tokens[position + 5]) else {
            throw .malformed("token stream", reason: "a token is cut off or has an unknown value representation")
        }
        let start = position + 12
        let count = Int(number(at: position + 8, width: 4))
        guard count <= tokens.count - start else {
            throw .malformed("token stream", reason: "a token is longer than the stream")
        }
        let tag = DICOMTag(
            UInt16(truncatingIfNeeded: number(at: position, width: 2)),
            UInt16(truncatingIfNeeded: number(at: position + 2, width: 2)))
        let kind = Int(tokens[position + 6])
        let flags = Int(tokens[position + 7])
        position = start + count
        return Token(tag: tag, vr: vr, kind: kind, flags: flags, payload: start..<start + count)
    }

    private mutating func element(_ token: Token, path: String) throws(DICOMError) -> DICOMElement {
        let value: DICOMValue
        switch token.kind {
        case cdcmtk_token_sequence_begin: value = try items(token, path: path)
        case cdcmtk_token_text: value = text(token, path: path)
        case cdcmtk_token_bytes: value = numbers(token, path: path)
        default:
            warn(.unreadableValue, token, path)
            value = .empty
        }
        return DICOMElement(tag: token.tag, vr: token.vr, value: value)
    }

    private mutating func items(_ begin: Token, path: String) throws(DICOMError) -> DICOMValue {
        var items: [DICOMHeader] = []
        while let token = try next(), token.kind == cdcmtk_token_item_begin {
            items.append(try header(path: "\(path)\(begin.tag.hexadecimal)[\(items.count)]."))
        }
        return items.isEmpty ? .empty : .items(items)
    }

    private mutating func text(_ token: Token, path: String) -> DICOMValue {
        if token.flags & cdcmtk_flag_lossy_text != 0 { warn(.lossyText, token, path) }
        if token.flags & cdcmtk_flag_assumed_text != 0 { warn(.assumedCharacterSet, token, path) }
        var hasInteriorNUL = false
        let value = ElementValues.text(tokens[token.payload], token.vr, hasInteriorNUL: &hasInteriorNUL)
        if hasInteriorNUL { warn(.interiorNUL, token, path) }
        return value
    }

    private mutating func numbers(_ token: Token, path: String) -> DICOMValue {
        if token.vr.content != .bytes, token.payload.count % token.vr.width != 0 { warn(.oddLength, token, path) }
        return ElementValues.numbers(tokens[token.payload], token.vr)
    }

    private func number(at start: Int, width: Int) -> UInt64 { ElementValues.number(tokens[...], at: start, width) }

    private mutating func warn(_ code: DICOMWarning.Code, _ token: Token, _ path: String) {
        warnings.append(DICOMWarning(code, path: path + token.tag.hexadecimal))
    }
}
