/// The way to an attribute through nested items.
///
/// Written as steps joined by points; each but the last names a sequence and, in brackets, an item counted from 0
/// (item 0 when left out). A step is a keyword, eight hexadecimal digits, `(gggg,eeee)` with or without its
/// parentheses, or for a private attribute `(gggg,"CREATOR",ee)`:
///
///     PatientSex
///     (0018,0060)
///     SharedFunctionalGroupsSequence[0].PixelMeasuresSequence[0].PixelSpacing
///     (0029,"SIEMENS CSA HEADER",10)
package struct DICOMPath: Sendable, Hashable {
    enum Attribute: Sendable, Hashable {
        case tag(DICOMTag)
        case inPrivateBlock(group: UInt16, creator: String, offset: UInt8)
    }

    struct Step: Sendable, Hashable {
        let attribute: Attribute
        let item: Int
    }

    let steps: [Step]

    package init(_ tag: DICOMTag) { steps = [Step(attribute: .tag(tag), item: 0)] }

    /// **Throws** `invalidPath` when a step is no keyword of the dictionary and no tag.
    package init(_ text: String) throws(DICOMError) {
        var parser = DICOMPathParser(text: text)
        steps = try parser.steps()
    }
}

extension DICOMHeader {
    /// The element at the end of a path; `nil` when any step is absent.
    package subscript(path path: DICOMPath) -> DICOMElement? {
        var header = self
        for step in path.steps.dropLast() {
            guard let tag = header.tag(of: step.attribute) else { return nil }
            let items = header.items(tag)
            guard items.indices.contains(step.item) else { return nil }
            header = items[step.item]
        }
        return path.steps.last.flatMap { header.tag(of: $0.attribute) }.flatMap { header[$0] }
    }

    /// A private block belongs to the creator whose name (gggg,00bb) holds: its elements are (gggg,bbee) (PS3.5 7.8.1).
    private func tag(of attribute: DICOMPath.Attribute) -> DICOMTag? {
        switch attribute {
        case .tag(let tag): return tag
        case .inPrivateBlock(let group, let creator, let offset):
            let owner = elements.first {
                $0.tag.group == group && $0.tag.isPrivateCreator && string($0.tag) == creator
            }
            return owner.map { DICOMTag(group, $0.tag.element << 8 | UInt16(offset)) }
        }
    }
}
