/// Walks over the elements of a data set: the reader of headers, and of where the pixels are.
///
/// It is iterative, allocates one record per open sequence, and checks each length against what encloses it, so that no
/// byte it is given can make it crash or read past an end. What real writers do against the standard is read as they
/// meant it, with a warning:
///
/// - sequences and items that end without their delimiter, with the other one, or with one too many;
/// - single elements in implicit VR within explicit VR, and the reverse (`mixed_encoding`);
/// - value representations that PS3.5 does not define (`unknown_vr`): the dictionary's is taken;
/// - sequences deeper than `nestingLimit` (`nesting_too_deep`), and such whose items contradict their length
///   (`malformed_sequence`): they alone are left out.
///
/// **Source** PS3.5 sections 7.1 (explicit and implicit VR), 7.5 (sequences), 6.2.2 (UN), A.4 (fragments).
struct DataSetWalker {
    /// No real object nests deeper than about ten levels; structured reports are the deepest.
    static let defaultNestingLimit = 64

    private let bytes: [UInt8]
    private let heads: ElementHeadReader
    private let encoding: ElementEncoding
    private let nestingLimit: Int
    private let stopsBeforePixels: Bool
    /// Top-level attributes to keep; `nil` keeps all.
    private let selection: Set<DICOMTag>?
    /// The size of the file when `bytes` is only its beginning.
    private let fileByteCount: Int?

    private var position: Int
    private var open: [Container] = []
    private var sequenceDepth = 0
    private var element = TopLevelElement(tag: DICOMTag(0, 0), start: 0)
    private var isFinished = false
    private var structure = DICOMStructure()
    private var builder: HeaderBuilder

    /// A sequence, item or list of fragments that has begun and not ended.
    private struct Container {
        enum Kind { case sequence, item, fragments }
        let kind: Kind
        let encoding: ElementEncoding
        /// Where it ends; `nil` for an undefined length.
        let end: Int?
        /// The innermost defined end around it: nothing inside may cross it.
        let limit: Int
        /// The builder's depth before it; `nil` where the builder does not get to know it.
        let builderDepth: Int?
        /// Items begin in an encoding of their own (inside UN).
        let isForeign: Bool
    }

    private struct TopLevelElement {
        let tag: DICOMTag
        let start: Int
    }

    init(
        bytes: [UInt8], from start: Int, encoding: ElementEncoding, stopsBeforePixels: Bool = false,
        selection: Set<DICOMTag>? = nil, fileByteCount: Int? = nil, nestingLimit: Int = Self.defaultNestingLimit
    ) {
        self.bytes = bytes
        heads = ElementHeadReader(bytes: bytes)
        builder = HeaderBuilder(bytes: bytes)
        self.encoding = encoding
        self.stopsBeforePixels = stopsBeforePixels
        self.selection = selection
        self.fileByteCount = fileByteCount
        self.nestingLimit = nestingLimit
        position = start
    }

    /// Walks to the end of the data set, or to the pixel data when it stops before that.
    ///
    /// **Throws** `needsMoreBytes` when `bytes` is a prefix and ends too early.
    /// **Cost** proportional to the number of elements, whatever their lengths.
    mutating func walk() throws(DICOMError) -> DICOMStructure {
        while !isFinished {
            closeContainers()
            guard position < bytes.count else {
                try reachEnd()
                break
            }
            try step()
        }
        structure.header = builder.finished()
        structure.warnings += builder.warnings
        return structure
    }

    private var isTopLevel: Bool { open.isEmpty }
    private var currentEncoding: ElementEncoding { open.last?.encoding ?? encoding }
    private var currentLimit: Int { open.last?.limit ?? bytes.count }
    /// Whether what is read now belongs into the header.
    private var isBuilding: Bool {
        open.last.map { $0.builderDepth != nil } ?? selection.map { $0.contains(element.tag) } ?? true
    }

    /// The bytes are used up: the end of the file, or of the prefix.
    private mutating func reachEnd() throws(DICOMError) {
        if !isTopLevel { return try endInside(needing: nil) }
        if let fileByteCount, bytes.count < fileByteCount { throw .needsMoreBytes(fileByteCount) }
        isFinished = true
    }

    private mutating func step() throws(DICOMError) {
        if isTopLevel {
            element = TopLevelElement(tag: heads.tag(at: position, encoding) ?? element.tag, start: position)
        }
        guard let head = head() else {
            // No room for an element inside something of known length: that is broken, not cut.
            return open.contains { $0.end != nil } ? structureBroke() : try endInside(needing: position + 12)
        }
        if head.tag.group == 0xFFFE { return try delimiter(head) }
        if let container = open.last, container.kind != .item { return structureBroke() }
        guard head.oddity != .unreadableVR, head.tag.group != 0 || !isTopLevel || structure.elementCount == 0 else {
            return isTopLevel ? loseStructure(head) : structureBroke()
        }
        if head.oddity != nil { warn(head.oddity == .otherEncoding ? .mixedEncoding : .unknownVR, head.tag) }
        if isTopLevel {
            structure.elementCount += 1
            if isPixelData(head) { return try meetPixelData(head) }
        }
        try meetValue(head)
    }

    /// The head at this place, in the other encoding where it makes no sense in the one that holds here.
    private func head() -> ElementHead? {
        guard let head = heads.head(at: position, currentEncoding), head.tag.group != 0xFFFE else {
            return heads.head(at: position, currentEncoding)
        }
        let overruns = head.length.map { $0 > currentLimit - head.valueOffset } ?? false
        guard head.oddity == .unreadableVR || !currentEncoding.isExplicit && overruns,
            let other = heads.headInOtherEncoding(at: position, currentEncoding),
            other.length.map({ $0 <= currentLimit - other.valueOffset }) ?? false,
            head.tag.isPrivate || DICOMDictionary.entry(for: head.tag) != nil
        else { return head }
        return other
    }

    private mutating func meetValue(_ head: ElementHead) throws(DICOMError) {
        guard let length = head.length else { return try enterUndefinedLength(head) }
        let end = head.valueOffset + length
        guard end <= currentLimit else { return try meetOverlong(head, end: end) }
        // Attributes that nobody asked for need not be understood.
        guard isBuilding || !isTopLevel else { return position = end }
        let vr = builder.vr(of: head)
        if vr == .SQ {
            enter(.sequence, head, end: end)
        } else {
            if isBuilding {
                builder.value(
                    head.tag, vr, in: head.valueOffset..<end, isBigEndian: currentEncoding.isBigEndian)
            }
            position = end
        }
    }

    /// The element is longer than what holds it. Of a sequence that is longer than the file, the items that are there
    /// are read: some writers count wrongly.
    private mutating func meetOverlong(_ head: ElementHead, end: Int) throws(DICOMError) {
        guard currentLimit == bytes.count else { return structureBroke() }
        let isWhole = end > fileByteCount ?? bytes.count
        guard isWhole, builder.vr(of: head) == .SQ, continues(at: head.valueOffset) else {
            return try endInside(needing: end)
        }
        warn(.overlongSequence, head.tag)
        enter(.sequence, head, end: bytes.count)
    }

    private mutating func enterUndefinedLength(_ head: ElementHead) throws(DICOMError) {
        switch head.vr {
        case nil, .SQ, .UN:
            enter(.sequence, head, end: nil)
        case .OB, .OW:
            // Fragments of an icon image.
            if isBuilding { builder.unreadableValue(head.tag, head.vr ?? .OB) }
            enter(.fragments, head, end: nil)
        default:
            structureBroke()
        }
    }

    /// A UN value holds implicit little-endian elements, whatever surrounds it (PS3.5 6.2.2 note 2).
    private mutating func enter(_ kind: Container.Kind, _ head: ElementHead, end: Int?) {
        let isForeign = head.vr == .UN || head.oddity != nil
        var builderDepth = isBuilding ? builder.depth : nil
        if kind == .sequence {
            sequenceDepth += 1
            if sequenceDepth > nestingLimit {
                if builderDepth != nil { warn(.nestingTooDeep, head.tag) }
                builderDepth = nil
            }
            if builderDepth != nil { builder.beginSequence(head.tag) }
        }
        open.append(
            Container(
                kind: kind, encoding: isForeign ? .implicitLittle : currentEncoding, end: end,
                limit: min(end ?? currentLimit, currentLimit), builderDepth: kind == .fragments ? nil : builderDepth,
                isForeign: isForeign))
        position = head.valueOffset
    }

    /// Something odd about the top-level element as a whole.
    private mutating func note(_ code: DICOMWarning.Code) {
        structure.warnings.append(DICOMWarning(code, path: element.tag.hexadecimal))
    }

    private mutating func warn(_ code: DICOMWarning.Code, _ tag: DICOMTag) {
        guard !isBuilding else { return builder.warn(code, tag) }
        structure.warnings.append(DICOMWarning(code, path: tag.hexadecimal))
    }
}

/// Sequences, items, and how they end.
extension DataSetWalker {
    /// Ends what ends here: containers of defined length, and such of undefined length at the end of what holds them.
    private mutating func closeContainers() {
        while let container = open.last {
            if let end = container.end {
                guard position >= end else { return }
            } else {
                guard container.limit < bytes.count, position >= container.limit else { return }
                note(.wrongDelimiter)
            }
            close()
        }
    }

    private mutating func close() {
        guard let container = open.popLast() else { return }
        if container.kind == .sequence { sequenceDepth -= 1 }
        guard container.builderDepth != nil else { return }
        container.kind == .item ? builder.endItem() : builder.endSequence()
    }

    private mutating func delimiter(_ head: ElementHead) throws(DICOMError) {
        switch (head.tag, open.last?.kind) {
        case (.item, .sequence?): try enterItem(head)
        case (.item, .fragments?): try passFragment(head)
        case (.item, .item?): itemInsideItem()
        // An item, a sequence or a list of fragments ends as it should,
        case (.itemDelimitation, .item?) where open.last?.end == nil,
            (.sequenceDelimitation, .sequence?) where open.last?.end == nil,
            (.sequenceDelimitation, .fragments?):
            close()
            position = head.valueOffset
        // by the delimiter of the other,
        case (.sequenceDelimitation, .item?) where open.last?.end == nil: endItem(bySequenceDelimiter: head)
        case (.itemDelimitation, .sequence?) where open.last?.end == nil && !continues(at: head.valueOffset):
            note(.wrongDelimiter)
            close()
            position = head.valueOffset
        // or nothing ends.
        case (.itemDelimitation, nil), (.sequenceDelimitation, nil), (.itemDelimitation, .sequence?),
            (.itemDelimitation, .item?), (.sequenceDelimitation, .sequence?), (.sequenceDelimitation, .item?):
            structure.warnings.append(DICOMWarning(.strayDelimiter))
            position = head.valueOffset
        default:
            isTopLevel ? loseStructure(head) : structureBroke()
        }
    }

    private mutating func enterItem(_ head: ElementHead) throws(DICOMError) {
        var end = head.length.map { head.valueOffset + $0 }
        if let declared = end, declared > currentLimit {
            guard currentLimit >= bytes.count else { return structureBroke() }
            guard declared > fileByteCount ?? bytes.count else { return try endInside(needing: declared) }
            note(.overlongSequence)
            end = bytes.count
        }
        let sequence = open.last
        let isBuilding = isBuilding
        open.append(
            Container(
                kind: .item, encoding: itemEncoding(at: head.valueOffset), end: end,
                limit: min(end ?? currentLimit, currentLimit), builderDepth: isBuilding ? builder.depth : nil,
                isForeign: sequence?.isForeign ?? false))
        if isBuilding { builder.beginItem() }
        position = head.valueOffset
    }

    /// Items inside UN should be implicit; some writers leave them as they were.
    private func itemEncoding(at start: Int) -> ElementEncoding {
        guard open.last?.isForeign ?? false, start + 6 <= bytes.count,
            DICOMVR(bytes[start + 4], bytes[start + 5]) != nil
        else { return currentEncoding }
        return .explicitLittle
    }

    private mutating func passFragment(_ head: ElementHead) throws(DICOMError) {
        guard let length = head.length, head.valueOffset + length <= currentLimit else {
            return try endInside(needing: nil)
        }
        position = head.valueOffset + length
    }

    /// An item begins where the one before has no delimiter.
    private mutating func itemInsideItem() {
        guard let item = open.last, item.end == nil else { return structureBroke() }
        note(.wrongDelimiter)
        close()
    }

    /// The delimiter of a sequence in the place of an item's: where more items or the right delimiter follow it, it
    /// stood for the item's, else it ends both.
    private mutating func endItem(bySequenceDelimiter head: ElementHead) {
        note(.wrongDelimiter)
        let isForItem = continues(at: head.valueOffset)
        close()
        if !isForItem, open.last?.end == nil { close() }
        position = head.valueOffset
    }

    /// True where an item or the end of a sequence stands.
    private func continues(at start: Int) -> Bool {
        let tag = heads.tag(at: start, currentEncoding)
        return tag == .item || tag == .sequenceDelimitation
    }
}

/// Endings, regular and not.
extension DataSetWalker {
    /// The bytes end inside an element. Of a whole file, the element is missing; of a prefix, more may help.
    private mutating func endInside(needing end: Int?) throws(DICOMError) {
        if let fileByteCount, bytes.count < fileByteCount, (end ?? 0) <= fileByteCount {
            throw .needsMoreBytes(max(end ?? 0, min(fileByteCount, bytes.count * 2)))
        }
        // A few bytes after the last element are padding that some archives add.
        let isPadding = isTopLevel && bytes[element.start...].allSatisfy { $0 == 0 }
        structure.warnings.append(
            isPadding ? DICOMWarning(.trailingBytes) : DICOMWarning(.truncated, path: element.tag.hexadecimal))
        finish()
    }

    /// What is inside the open containers makes no sense: the innermost sequence whose end is known is left out.
    private mutating func structureBroke() {
        guard let index = open.lastIndex(where: { $0.kind == .sequence && $0.end != nil }), let end = open[index].end
        else {
            structure.warnings.append(DICOMWarning(.structureLost, path: element.tag.hexadecimal))
            return finish()
        }
        if let depth = open[index].builderDepth { builder.abandon(to: depth) }
        sequenceDepth -= open[index...].count { $0.kind == .sequence }
        open.removeSubrange(index...)
        note(.malformedSequence)
        position = end
    }

    private mutating func loseStructure(_ head: ElementHead) {
        let code: DICOMWarning.Code = head.tag.group == 0 ? .trailingBytes : .structureLost
        structure.warnings.append(DICOMWarning(code, path: head.tag.group == 0 ? nil : head.tag.hexadecimal))
        finish()
    }

    /// Ends the walk; what is still open is left out.
    private mutating func finish() {
        if let depth = open.first?.builderDepth { builder.abandon(to: depth) }
        isFinished = true
    }
}

/// Pixel data.
extension DataSetWalker {
    private func isPixelData(_ head: ElementHead) -> Bool {
        [.pixelData, .floatPixelData, .doubleFloatPixelData].contains(head.tag)
    }

    private mutating func meetPixelData(_ head: ElementHead) throws(DICOMError) {
        let fragments = head.length == nil && !stopsBeforePixels ? fragments(from: head.valueOffset) : []
        let end = head.length.map { head.valueOffset + $0 } ?? fragments.last.map { $0.upperBound } ?? head.valueOffset
        structure.pixelData = PixelDataLocation(
            tag: head.tag, vr: head.vr ?? .OW, valueOffset: head.valueOffset, declaredByteCount: head.length,
            availableByteCount: min(end, bytes.count) - head.valueOffset, fragments: fragments)
        if stopsBeforePixels { return isFinished = true }
        if end > bytes.count {
            structure.warnings.append(DICOMWarning(.pixelDataShort, path: head.tag.hexadecimal))
            return isFinished = true
        }
        position = end
        if head.length == nil { skipSequenceDelimiter() }
    }

    /// The value ranges of the fragments that are wholly present.
    private func fragments(from start: Int) -> [Range<Int>] {
        var ranges: [Range<Int>] = []
        var next = start
        while let head = heads.head(at: next, currentEncoding), head.tag == .item, let length = head.length {
            guard head.valueOffset + length <= bytes.count else { break }
            ranges.append(head.valueOffset..<head.valueOffset + length)
            next = head.valueOffset + length
        }
        return ranges
    }

    private mutating func skipSequenceDelimiter() {
        guard let head = heads.head(at: position, currentEncoding), head.tag == .sequenceDelimitation else {
            return note(.wrongDelimiter)
        }
        position = head.valueOffset
    }
}
