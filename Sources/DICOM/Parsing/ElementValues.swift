/// Values out of the bytes of an element, by its value representation (PS3.5 section 6.2).
enum ElementValues {
    /// UTF-8 text with its backslashes and padding; NULs inside become U+FFFD, which `hasInteriorNUL` tells.
    static func text(_ bytes: ArraySlice<UInt8>, _ vr: DICOMVR, hasInteriorNUL: inout Bool) -> DICOMValue {
        // Most values are one plain word: no splitting, no repair.
        if !bytes.contains(where: { $0 == 0x5C || $0 == 0 }) || !vr.separatesValues && !bytes.contains(0) {
            let end = bytes.lastIndex { $0 != 0x20 }.map { $0 + 1 } ?? bytes.startIndex
            return end == bytes.startIndex ? .empty : .strings([String(decoding: bytes[..<end], as: UTF8.self)])
        }
        let parts = vr.separatesValues ? bytes.split(separator: 0x5C, omittingEmptySubsequences: false) : [bytes]
        var hasNUL = false
        let values = parts.map { part in
            let end = part.lastIndex { !DICOMText.isPadding($0) }.map { $0 + 1 } ?? part.startIndex
            let kept = part[part.startIndex..<end]
            guard kept.contains(0) else { return String(decoding: kept, as: UTF8.self) }
            hasNUL = true
            let marked = kept.flatMap { byte -> [UInt8] in byte == 0 ? [0xEF, 0xBF, 0xBD] : [byte] }
            return String(decoding: marked, as: UTF8.self)
        }
        hasInteriorNUL = hasInteriorNUL || hasNUL
        return values == [""] ? .empty : .strings(values)
    }

    /// Little-endian numbers, tags or bytes; a rest that is no whole number is left out.
    static func numbers(_ bytes: ArraySlice<UInt8>, _ vr: DICOMVR) -> DICOMValue {
        guard !bytes.isEmpty else { return .empty }
        let width = vr.width
        let starts = stride(from: bytes.startIndex, through: bytes.endIndex - width, by: width)
        switch vr.content {
        case .unsigned: return .unsigned(starts.map { number(bytes, at: $0, width) })
        case .signed: return .signed(starts.map { signedNumber(bytes, at: $0, width) })
        case .real: return .reals(starts.map { real(bytes, at: $0, width) })
        case .tags: return .tags(starts.map { tag(bytes, at: $0) })
        default: return .bytes([UInt8](bytes))
        }
    }

    static func number(_ bytes: ArraySlice<UInt8>, at start: Int, _ width: Int) -> UInt64 {
        var value: UInt64 = 0
        for index in (start..<start + width).reversed() { value = value << 8 | UInt64(bytes[index]) }
        return value
    }

    private static func signedNumber(_ bytes: ArraySlice<UInt8>, at start: Int, _ width: Int) -> Int64 {
        let unused = 64 - 8 * width
        return Int64(bitPattern: number(bytes, at: start, width) << unused) >> unused
    }

    private static func real(_ bytes: ArraySlice<UInt8>, at start: Int, _ width: Int) -> Double {
        let bits = number(bytes, at: start, width)
        return width == 4 ? Double(Float(bitPattern: UInt32(truncatingIfNeeded: bits))) : Double(bitPattern: bits)
    }

    private static func tag(_ bytes: ArraySlice<UInt8>, at start: Int) -> DICOMTag {
        DICOMTag(
            UInt16(truncatingIfNeeded: number(bytes, at: start, 2)),
            UInt16(truncatingIfNeeded: number(bytes, at: start + 2, 2)))
    }
}
