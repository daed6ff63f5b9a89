/// The tag, value representation and length at the head of an element.
struct ElementHead {
    let tag: DICOMTag
    /// `nil` in implicit VR and for items and delimiters.
    let vr: DICOMVR?
    /// What explicit VR has in place of a value representation that PS3.5 defines.
    let oddity: Oddity?
    /// `nil` for an undefined length.
    let length: Int?
    let valueOffset: Int

    enum Oddity {
        /// Two capital letters that PS3.5 does not define.
        case unknownVR
        /// Something else: the bytes are probably no element.
        case unreadableVR
        /// It is implicit among explicit elements, or the reverse.
        case otherEncoding
    }
}

/// Reads element heads out of bytes (PS3.5 section 7.1).
struct ElementHeadReader {
    let bytes: [UInt8]

    func tag(at start: Int, _ encoding: ElementEncoding) -> DICOMTag? {
        guard start + 4 <= bytes.count else { return nil }
        let isBig = encoding.isBigEndian
        return DICOMTag(word(at: start, isBig), word(at: start + 2, isBig))
    }

    /// The head at `start`; `nil` when the bytes end inside it.
    func head(at start: Int, _ encoding: ElementEncoding) -> ElementHead? {
        guard start + 8 <= bytes.count, let tag = tag(at: start, encoding) else { return nil }
        guard encoding.isExplicit, tag.group != 0xFFFE else {
            return ElementHead(
                tag: tag, vr: nil, oddity: nil, length: length(at: start + 4, encoding.isBigEndian),
                valueOffset: start + 8)
        }
        return explicitHead(tag, at: start, encoding.isBigEndian)
    }

    private func explicitHead(_ tag: DICOMTag, at start: Int, _ isBig: Bool) -> ElementHead? {
        guard let vr = DICOMVR(bytes[start + 4], bytes[start + 5]) else { return oddHead(tag, at: start, isBig) }
        guard vr.hasLongLength else {
            return ElementHead(
                tag: tag, vr: vr, oddity: nil, length: Int(word(at: start + 6, isBig)), valueOffset: start + 8)
        }
        guard start + 12 <= bytes.count else { return nil }
        return ElementHead(
            tag: tag, vr: vr, oddity: nil, length: length(at: start + 8, isBig), valueOffset: start + 12)
    }

    /// A value representation of a later edition has the long form (PS3.5 7.1.2); one that a writer made up may have
    /// the short one. The long form is taken where its reserved bytes are zero and its length fits.
    private func oddHead(_ tag: DICOMTag, at start: Int, _ isBig: Bool) -> ElementHead {
        let letters: ClosedRange<UInt8> = 0x41...0x5A
        let isUnknown = letters.contains(bytes[start + 4]) && letters.contains(bytes[start + 5])
        let oddity: ElementHead.Oddity = isUnknown ? .unknownVR : .unreadableVR
        let short = Int(word(at: start + 6, isBig))
        if short == 0, start + 12 <= bytes.count, let long = length(at: start + 8, isBig),
            long <= bytes.count - start - 12
        {
            return ElementHead(tag: tag, vr: nil, oddity: oddity, length: long, valueOffset: start + 12)
        }
        return ElementHead(tag: tag, vr: nil, oddity: oddity, length: short, valueOffset: start + 8)
    }

    /// The head at `start` read as implicit VR where explicit VR holds, and the reverse; `nil` where it is none.
    func headInOtherEncoding(at start: Int, _ encoding: ElementEncoding) -> ElementHead? {
        let other: ElementEncoding = encoding.isExplicit ? .implicitLittle : .explicitLittle
        guard !encoding.isBigEndian, let head = head(at: start, other), head.oddity == nil else { return nil }
        return ElementHead(
            tag: head.tag, vr: head.vr, oddity: .otherEncoding, length: head.length, valueOffset: head.valueOffset)
    }

    private func word(at start: Int, _ isBig: Bool) -> UInt16 {
        let (first, second) = (UInt16(bytes[start]), UInt16(bytes[start + 1]))
        return isBig ? first << 8 | second : second << 8 | first
    }

    private func length(at start: Int, _ isBig: Bool) -> Int? {
        let (low, high) = (UInt32(word(at: start, isBig)), UInt32(word(at: start + 2, isBig)))
        let length = isBig ? low << 16 | high : high << 16 | low
        return length == .max ? nil : Int(length)
    }
}
