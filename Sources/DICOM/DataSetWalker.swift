/// Walks over the elements of a data set without building anything, before DCMTK parses it.
///
/// DCMTK 3.6.7 recurses once per nesting level and overflows its stack on hostile files (remove this reason when a
/// later DCMTK bounds the depth). The walker is iterative, allocates one record per open sequence, checks each length
/// against what encloses it, and so finds: nesting beyond `nestingLimit`, lengths beyond the file, the pixel data, and
/// the ranges of bytes that are whole elements. Only those are handed to DCMTK.
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
    private var element = TopLevelElement(tag: DICOMTag(0, 0), start: 0)
    private var rangeStart: Int
    private var isFinished = false
    private var structure = DICOMStructure()

    /// A sequence, item or list of fragments that has begun and not ended.
    private struct Container {
        enum Kind { case sequence, item, fragments }
        let kind: Kind
        let encoding: ElementEncoding
        /// Where it ends; `nil` for an undefined length.
        let end: Int?
        /// The innermost defined end around it: nothing inside may cross it.
        let limit: Int
        /// True for bytes that only look like a sequence: when they turn out not to be one, they are skipped.
        let isProbe: Bool
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
        self.encoding = encoding
        self.stopsBeforePixels = stopsBeforePixels
        self.selection = selection
        self.fileByteCount = fileByteCount
        self.nestingLimit = nestingLimit
        position = start
        rangeStart = start
    }

    /// Walks to the end of the data set, or to the pixel data when it stops before that.
    ///
    /// **Throws** `nestingTooDeep`; `needsMoreBytes` when `bytes` is a prefix and ends too early.
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
        return structure
    }

    private var isTopLevel: Bool { open.isEmpty }
    private var currentEncoding: ElementEncoding { open.last?.encoding ?? encoding }
    private var currentLimit: Int { open.last?.limit ?? bytes.count }

    private mutating func closeContainers() {
        while let end = open.last?.end, position >= end { open.removeLast() }
    }

    /// The bytes are used up: the end of the file, or of the prefix.
    private mutating func reachEnd() throws(DICOMError) {
        if !isTopLevel { return try endInside(needing: nil) }
        if let fileByteCount, bytes.count < fileByteCount { throw .needsMoreBytes(fileByteCount) }
        dropUnlessSelected()
        finish(at: position)
    }

    private mutating func step() throws(DICOMError) {
        if isTopLevel {
            dropUnlessSelected()
            element = TopLevelElement(tag: heads.tag(at: position, encoding) ?? element.tag, start: position)
        }
        guard let head = heads.head(at: position, currentEncoding) else { return try endInside(needing: position + 12) }
        if head.tag.group == 0xFFFE { return try delimiter(head) }
        if open.last.map({ $0.kind != .item }) ?? false { return structureBroke() }
        guard head.oddity != .unreadableVR, head.tag.group != 0 || !isTopLevel || structure.elementCount == 0 else {
            return isTopLevel ? loseStructure(head) : structureBroke()
        }
        if head.oddity == .unknownVR { return try passUnknownVR(head) }
        if isTopLevel {
            structure.elementCount += 1
            if isPixelData(head) { return try meetPixelData(head) }
        }
        try meetValue(head)
    }

    /// DCMTK sizes unknown value representations by another rule, so it does not get to see them.
    private mutating func passUnknownVR(_ head: ElementHead) throws(DICOMError) {
        guard isTopLevel, let length = head.length else { return structureBroke() }
        let end = head.valueOffset + length
        guard end <= bytes.count else { return try endInside(needing: end) }
        structure.warnings.append(DICOMWarning(.unknownVR, path: head.tag.hexadecimal))
        leaveOut(position..<end)
    }

    private mutating func meetValue(_ head: ElementHead) throws(DICOMError) {
        guard let length = head.length else { return try enterUndefinedLength(head) }
        let end = head.valueOffset + length
        guard end <= currentLimit else {
            return currentLimit == bytes.count ? try endInside(needing: end) : structureBroke()
        }
        let looksLikeItems = heads.isItem(at: head.valueOffset, length: length, innerEncoding(head))
        if head.vr == .SQ || looksLikeItems {
            let isProbe = head.vr != .SQ || !currentEncoding.isExplicit
            try enter(.sequence, at: head.valueOffset, end: end, encoding: innerEncoding(head), isProbe: isProbe)
        } else {
            position = end
        }
    }

    private mutating func enterUndefinedLength(_ head: ElementHead) throws(DICOMError) {
        switch head.vr {
        case nil, .SQ, .UN:
            try enter(.sequence, at: head.valueOffset, end: nil, encoding: innerEncoding(head), isProbe: false)
        case .OB, .OW:
            // Fragments of an icon image.
            try enter(.fragments, at: head.valueOffset, end: nil, encoding: currentEncoding, isProbe: false)
        default:
            structureBroke()
        }
    }

    /// A UN value holds implicit little-endian elements, whatever surrounds it (PS3.5 6.2.2 note 2).
    private func innerEncoding(_ head: ElementHead) -> ElementEncoding {
        head.vr == .UN ? .implicitLittle : currentEncoding
    }

    private mutating func enter(
        _ kind: Container.Kind, at start: Int, end: Int?, encoding: ElementEncoding, isProbe: Bool
    ) throws(DICOMError) {
        if kind == .sequence, open.count(where: { $0.kind == .sequence }) >= nestingLimit {
            throw .nestingTooDeep(limit: nestingLimit, offset: position)
        }
        let limit = min(end ?? currentLimit, currentLimit)
        open.append(Container(kind: kind, encoding: encoding, end: end, limit: limit, isProbe: isProbe))
        position = start
    }

    private mutating func delimiter(_ head: ElementHead) throws(DICOMError) {
        switch (head.tag, open.last?.kind) {
        case (.item, .sequence?):
            guard let length = head.length else {
                return try enter(.item, at: head.valueOffset, end: nil, encoding: currentEncoding, isProbe: false)
            }
            try enterItem(start: head.valueOffset, length: length)
        case (.item, .fragments?):
            guard let length = head.length, head.valueOffset + length <= currentLimit else {
                return try endInside(needing: nil)
            }
            position = head.valueOffset + length
        case (.itemDelimitation, .item?), (.sequenceDelimitation, .sequence?), (.sequenceDelimitation, .fragments?):
            open.removeLast()
            position = head.valueOffset
        case (.itemDelimitation, nil), (.sequenceDelimitation, nil):
            structure.warnings.append(DICOMWarning(.strayDelimiter))
            leaveOut(position..<head.valueOffset)
        default:
            isTopLevel ? loseStructure(head) : structureBroke()
        }
    }

    private mutating func enterItem(start: Int, length: Int) throws(DICOMError) {
        let end = start + length
        guard end <= currentLimit else {
            return currentLimit == bytes.count ? try endInside(needing: end) : structureBroke()
        }
        try enter(.item, at: start, end: end, encoding: currentEncoding, isProbe: false)
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
        finish(at: element.start)
    }

    /// What is inside the open containers is no sequence after all.
    private mutating func structureBroke() {
        if let probe = open.lastIndex(where: { $0.isProbe }), let end = open[probe].end {
            structure.suspectRanges.append(element.start..<(open[0].end ?? end))
            open.removeSubrange(probe...)
            position = end
        } else if let end = open.first?.end {
            structure.warnings.append(DICOMWarning(.malformedSequence, path: element.tag.hexadecimal))
            open.removeAll()
            leaveOut(element.start..<end)
        } else {
            structure.warnings.append(DICOMWarning(.structureLost, path: element.tag.hexadecimal))
            finish(at: element.start)
        }
    }

    private mutating func loseStructure(_ head: ElementHead) {
        let code: DICOMWarning.Code = head.tag.group == 0 ? .trailingBytes : .structureLost
        structure.warnings.append(DICOMWarning(code, path: head.tag.group == 0 ? nil : head.tag.hexadecimal))
        finish(at: position)
    }

    /// Leaves out the element that ends here when nobody asked for it.
    private mutating func dropUnlessSelected() {
        guard let selection, !selection.contains(element.tag), element.start >= rangeStart else { return }
        leaveOut(element.start..<position)
    }

    /// Ends the sound range before `range` and begins the next after it.
    private mutating func leaveOut(_ range: Range<Int>) {
        if rangeStart < range.lowerBound { structure.soundRanges.append(rangeStart..<range.lowerBound) }
        rangeStart = range.upperBound
        position = range.upperBound
    }

    private mutating func finish(at end: Int) {
        leaveOut(end..<max(end, position))
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
        if stopsBeforePixels { return finish(at: position) }
        if end > bytes.count {
            structure.warnings.append(DICOMWarning(.pixelDataShort, path: head.tag.hexadecimal))
            return finish(at: position)
        }
        leaveOut(position..<end)
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
        guard let head = heads.head(at: position, currentEncoding), head.tag == .sequenceDelimitation else { return }
        leaveOut(position..<head.valueOffset)
    }
}
