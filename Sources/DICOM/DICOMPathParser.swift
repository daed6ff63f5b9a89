/// Reads the text form of a `DICOMPath`.
struct DICOMPathParser {
    private let text: String
    private var rest: Substring

    init(text: String) {
        self.text = text
        rest = text[...]
    }

    mutating func steps() throws(DICOMError) -> [DICOMPath.Step] {
        var steps = [try step()]
        while accept(".") { steps.append(try step()) }
        guard rest.isEmpty else { throw invalid() }
        return steps
    }

    private mutating func step() throws(DICOMError) -> DICOMPath.Step {
        let attribute = try attribute()
        guard accept("[") else { return DICOMPath.Step(attribute: attribute, item: 0) }
        guard let item = Int(take { $0.isNumber }), accept("]") else { throw invalid() }
        return DICOMPath.Step(attribute: attribute, item: item)
    }

    private mutating func attribute() throws(DICOMError) -> DICOMPath.Attribute {
        if accept("(") { return try parenthesised() }
        let word = take { $0.isLetter || $0.isNumber }
        if let tag = DICOMDictionary.tag(of: String(word)) { return .tag(tag) }
        if word.utf8.count == 4, let group = UInt16(word, radix: 16), accept(",") {
            return .tag(DICOMTag(group, try element()))
        }
        guard word.utf8.count == 8, let number = UInt32(word, radix: 16) else { throw invalid() }
        return .tag(DICOMTag(number: number))
    }

    private mutating func parenthesised() throws(DICOMError) -> DICOMPath.Attribute {
        let groupText = take { $0.isHexDigit }
        guard groupText.count == 4, let group = UInt16(groupText, radix: 16), accept(",") else { throw invalid() }
        if accept("\"") {
            let creator = take { $0 != "\"" }
            guard accept("\""), accept(",") else { throw invalid() }
            let offsetText = take { $0.isHexDigit }
            guard let offset = UInt8(offsetText, radix: 16), accept(")") else { throw invalid() }
            // PS3.5 7.8: only odd groups are private.
            guard DICOMTag(group, 0).isPrivate, !creator.isEmpty else { throw invalid() }
            return .inPrivateBlock(group: group, creator: String(creator), offset: offset)
        }
        let element = try element()
        guard accept(")") else { throw invalid() }
        return .tag(DICOMTag(group, element))
    }

    private mutating func element() throws(DICOMError) -> UInt16 {
        let digits = take { $0.isHexDigit }
        guard digits.count == 4, let element = UInt16(digits, radix: 16) else { throw invalid() }
        return element
    }

    private mutating func accept(_ character: Character) -> Bool {
        guard rest.first == character else { return false }
        rest.removeFirst()
        return true
    }

    private mutating func take(while matches: (Character) -> Bool) -> Substring {
        let word = rest.prefix(while: matches)
        rest = rest[word.endIndex...]
        return word
    }

    private func invalid() -> DICOMError {
        DICOMError(
            code: .invalidPath, subject: "attribute path",
            reason: "\"\(text)\" is no keyword, (gggg,eeee) or path of them; check its spelling")
    }
}
