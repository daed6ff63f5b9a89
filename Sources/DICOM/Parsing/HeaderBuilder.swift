/// Builds a header out of what `DataSetWalker` passes, in Swift alone: every access is checked, and nesting costs heap,
/// not stack.
///
/// Value representations come from the element, else from the dictionary, with private creators (PS3.5 7.8) and Pixel
/// Representation taken into account; texts are converted by the nearest Specific Character Set (PS3.3 C.12.1.1.2).
struct HeaderBuilder {
    private let bytes: [UInt8]
    /// The data set, then an open sequence, its open item, a sequence of that, …
    private var frames: [Frame] = [.item(Item(characterSet: ""))]
    private var pixelsAreSigned = false
    private(set) var warnings: [DICOMWarning] = []

    private enum Frame {
        case item(Item)
        case sequence(tag: DICOMTag, items: [DICOMHeader])
    }

    private struct Item {
        var elements: [DICOMElement] = []
        var characterSet: String
        /// By group and block: 0x0029_0010 for (0029,0010).
        var creators: [UInt32: String] = [:]
    }

    init(bytes: [UInt8]) { self.bytes = bytes }

    /// How many sequences and items are open, the data set itself being the first.
    var depth: Int { frames.count }

    /// What was built; sequences that are still open are left out.
    func finished() -> DICOMHeader {
        guard case .item(let dataSet)? = frames.first else { return .empty }
        return DICOMHeader(elements: dataSet.elements)
    }

    // MARK: Nesting

    mutating func beginSequence(_ tag: DICOMTag) { frames.append(.sequence(tag: tag, items: [])) }

    mutating func beginItem() {
        var inherited = ""
        for case .item(let item) in frames.suffix(2) { inherited = item.characterSet }
        frames.append(.item(Item(characterSet: inherited)))
    }

    mutating func endItem() {
        guard case .item(let item)? = frames.popLast(), case .sequence(let tag, var items)? = frames.popLast() else {
            preconditionFailure("an item ends that is not open")
        }
        items.append(DICOMHeader(elements: item.elements))
        frames.append(.sequence(tag: tag, items: items))
    }

    mutating func endSequence() {
        guard case .sequence(let tag, let items)? = frames.popLast() else {
            preconditionFailure("a sequence ends that is not open")
        }
        append(DICOMElement(tag: tag, vr: .SQ, value: items.isEmpty ? .empty : .items(items)))
    }

    /// Forgets the sequences and items that were opened beyond `depth`.
    mutating func abandon(to depth: Int) { frames.removeSubrange(depth...) }

    private mutating func append(_ element: DICOMElement) {
        guard case .item(var item)? = frames.popLast() else { preconditionFailure("an element stands in no item") }
        item.elements.append(element)
        frames.append(.item(item))
    }

    /// "00081115[0]." for what is in the first item of (0008,1115).
    private var path: String {
        frames.reduce(into: "") { path, frame in
            if case .sequence(let tag, let items) = frame { path += "\(tag.hexadecimal)[\(items.count)]." }
        }
    }

    // MARK: Values

    /// What an element holds: its own value representation where that is one, else that of the dictionary, else UN.
    func vr(of head: ElementHead) -> DICOMVR {
        if let vr = head.vr, vr != .UN { return vr }
        let vr = DICOMDictionary.vr(of: head.tag, creator: creator(of: head.tag), pixelsAreSigned: pixelsAreSigned)
        return vr ?? .UN
    }

    /// Takes a value that is no sequence.
    mutating func value(_ tag: DICOMTag, _ vr: DICOMVR, in range: Range<Int>, isBigEndian: Bool) {
        // Data Set Trailing Padding carries no meaning (PS3.10 7.2).
        guard tag != .dataSetTrailingPadding else { return }
        let isWhole = vr.content == .text || vr.content == .bytes || range.count % vr.width == 0
        if !isWhole || !range.count.isMultiple(of: 2) { warn(.oddLength, tag) }
        let value =
            vr.content == .text
            ? text(tag, vr, bytes[range]) : numbers(vr, bytes[range], isBigEndian: isBigEndian)
        append(DICOMElement(tag: tag, vr: vr, value: value))
        note(tag, value)
    }

    /// An element whose value cannot be kept: fragments outside the pixel data.
    mutating func unreadableValue(_ tag: DICOMTag, _ vr: DICOMVR) {
        warn(.unreadableValue, tag)
        append(DICOMElement(tag: tag, vr: vr, value: .empty))
    }

    mutating func warn(_ code: DICOMWarning.Code, _ tag: DICOMTag) {
        warnings.append(DICOMWarning(code, path: path + tag.hexadecimal))
    }

    private mutating func text(_ tag: DICOMTag, _ vr: DICOMVR, _ stored: ArraySlice<UInt8>) -> DICOMValue {
        var text = stored
        if DICOMTextDecoder.isAffected(vr), !DICOMTextDecoder.isPlain(stored) {
            let decoded = DICOMTextDecoder.decode(stored, vr, characterSet: characterSet)
            if decoded.isLossy { warn(.lossyText, tag) }
            if decoded.isAssumed { warn(.assumedCharacterSet, tag) }
            text = decoded.utf8[...]
        }
        var hasInteriorNUL = false
        let value = ElementValues.text(text, vr, hasInteriorNUL: &hasInteriorNUL)
        if hasInteriorNUL { warn(.interiorNUL, tag) }
        return value
    }

    private func numbers(_ vr: DICOMVR, _ stored: ArraySlice<UInt8>, isBigEndian: Bool) -> DICOMValue {
        guard isBigEndian, vr.width > 1 else { return ElementValues.numbers(stored, vr) }
        var swapped = Array(stored)
        // A tag is two words.
        SampleOrder.swapBytes(of: &swapped, width: vr == .AT ? 2 : vr.width)
        return ElementValues.numbers(swapped[...], vr)
    }

    // MARK: Context

    private var characterSet: String {
        guard case .item(let item)? = frames.last else { return "" }
        return item.characterSet
    }

    private func creator(of tag: DICOMTag) -> String? {
        guard tag.isPrivate, tag.element > 0xFF, case .item(let item)? = frames.last else { return nil }
        return item.creators[UInt32(tag.group) << 16 | UInt32(tag.element >> 8)]
    }

    /// Remembers what later elements depend on.
    private mutating func note(_ tag: DICOMTag, _ value: DICOMValue) {
        if tag == .pixelRepresentation, frames.count == 1, case .unsigned(let values) = value {
            pixelsAreSigned = values.first == 1
        }
        guard tag == .specificCharacterSet || tag.isPrivateCreator, case .strings(let values) = value,
            case .item(var item)? = frames.popLast()
        else { return }
        if tag == .specificCharacterSet {
            item.characterSet = values.joined(separator: "\\")
        } else {
            item.creators[tag.number] = values.first
        }
        frames.append(.item(item))
    }
}
