/// Which fragments make up which frame.
///
/// In this order: the extended offset table, the basic offset table, one fragment per frame, a search for the beginnings
/// of code streams, one frame of all fragments. A table that does not point at fragments is passed over with a warning.
///
/// **Source** PS3.5 A.4, PS3.3 C.7.6.3.1.8 (extended offset table).
struct FragmentMap: Sendable {
    /// Byte ranges of the fragments in the file, without the basic offset table.
    let fragments: [Range<Int>]
    /// Per frame a range of indices into `fragments`.
    let frames: [Range<Int>]
    let warnings: [DICOMWarning]

    /// - Parameter frameByteCount: what a frame takes where it is not compressed; else `nil`.
    init(location: PixelDataLocation, header: DICOMHeader, bytes: [UInt8], frameByteCount: Int? = nil) {
        var fragments = Array(location.fragments.dropFirst())
        let frameCount = header.frameCount
        var warnings: [DICOMWarning] = []
        var frames: [Range<Int>]?
        if let lengths = Self.extendedTable(header, fragments: fragments, frameCount: frameCount, &warnings) {
            fragments = zip(fragments, lengths).map { $0.lowerBound..<$0.lowerBound + $1 }
            frames = fragments.indices.map { $0..<$0 + 1 }
        }
        frames =
            frames ?? Self.basicTable(location, fragments, frameCount: frameCount, bytes, &warnings)
            ?? Self.counted(fragments, frameCount: frameCount)
            ?? Self.searched(fragments, frameCount: frameCount, bytes, frameByteCount: frameByteCount)
        self.fragments = fragments
        self.frames = frames ?? []
        if self.frames.count > frameCount { warnings.append(Self.warning(.excessFrames)) }
        if self.frames.count < frameCount { warnings.append(Self.warning(.missingFrames)) }
        self.warnings = warnings
    }

    /// The bytes of one frame; copied only where it has several fragments.
    func stream(_ index: Int, in bytes: [UInt8]) -> ArraySlice<UInt8> {
        let ranges = fragments[frames[index]]
        if ranges.count == 1, let range = ranges.first { return bytes[range] }
        return ranges.flatMap { bytes[$0] }[...]
    }

    private static func warning(_ code: DICOMWarning.Code) -> DICOMWarning {
        DICOMWarning(code, path: DICOMTag.pixelData.hexadecimal)
    }

    /// Lengths of the frames without their padding: with this table each frame is one fragment.
    private static func extendedTable(
        _ header: DICOMHeader, fragments: [Range<Int>], frameCount: Int, _ warnings: inout [DICOMWarning]
    ) -> [Int]? {
        guard let offsets = numbers(header[.extendedOffsetTable], width: 8),
            let lengths = numbers(header[.extendedOffsetTableLengths], width: 8)
        else { return nil }
        let isSound =
            offsets.count == frameCount && lengths.count == frameCount && fragments.count == frameCount
            && zip(offsets, fragments).allSatisfy { $0 == $1.lowerBound - fragments[0].lowerBound }
            && zip(lengths, fragments).allSatisfy { $0 > 0 && $0 <= $1.count }
        if !isSound { warnings.append(warning(.offsetTableIgnored)) }
        return isSound ? lengths : nil
    }

    /// The frames of the basic offset table: offsets of item tags, counted from the first item after the table.
    private static func basicTable(
        _ location: PixelDataLocation, _ fragments: [Range<Int>], frameCount: Int, _ bytes: [UInt8],
        _ warnings: inout [DICOMWarning]
    ) -> [Range<Int>]? {
        guard let table = location.fragments.first, !table.isEmpty, !fragments.isEmpty else { return nil }
        let offsets = stride(from: table.lowerBound, through: table.upperBound - 4, by: 4).map { start in
            (0..<4).reversed().reduce(0) { $0 << 8 | Int(bytes[start + $1]) }
        }
        var starts: [Int] = []
        var next = 0
        for offset in offsets {
            while next < fragments.count, fragments[next].lowerBound - fragments[0].lowerBound < offset { next += 1 }
            guard next < fragments.count, fragments[next].lowerBound - fragments[0].lowerBound == offset else { break }
            starts.append(next)
            next += 1
        }
        guard starts.first == 0, starts.count == offsets.count, starts.count >= frameCount else {
            warnings.append(warning(.offsetTableIgnored))
            return nil
        }
        return bounded(starts, end: fragments.count)
    }

    /// One fragment per frame; of fewer fragments than frames the first frames.
    private static func counted(_ fragments: [Range<Int>], frameCount: Int) -> [Range<Int>]? {
        fragments.count <= frameCount ? fragments.indices.map { $0..<$0 + 1 } : nil
    }

    /// Frames begin where a code stream begins, those behind the announced ones too. Where none does, one frame is all
    /// fragments, and several are the first ones.
    private static func searched(
        _ fragments: [Range<Int>], frameCount: Int, _ bytes: [UInt8], frameByteCount: Int?
    ) -> [Range<Int>] {
        let starts = Self.starts(fragments, bytes, frameByteCount: frameByteCount)
        if starts.first == 0, starts.count >= frameCount { return bounded(starts, end: fragments.count) }
        return frameCount == 1 ? [0..<fragments.count] : (0..<frameCount).map { $0..<$0 + 1 }
    }

    /// The fragments that begin as the first one does; of uncompressed frames those that hold a whole one.
    private static func starts(_ fragments: [Range<Int>], _ bytes: [UInt8], frameByteCount: Int?) -> [Int] {
        if let frameByteCount {
            return fragments.indices.filter { (0...1).contains(fragments[$0].count - frameByteCount) }
        }
        guard let first = fragments.first, let mark = Self.mark(of: bytes[first]) else { return [] }
        return fragments.indices.filter { bytes[fragments[$0]].starts(with: mark) }
    }

    /// SOI and a further marker, SOC and SIZ, the signature box of JP2, the code stream or container of JPEG XL; the
    /// count of segments of RLE and the offset of the first (PS3.5 G.5). `nil` where a fragment begins as none of these.
    private static func mark(of fragment: ArraySlice<UInt8>) -> [UInt8]? {
        let head = Array(fragment.prefix(8))
        if let count = head.first, (1...15).contains(count), head.dropFirst().elementsEqual([0, 0, 0, 64, 0, 0, 0]) {
            return head
        }
        let marks: [[UInt8]] = [
            [0xFF, 0xD8, 0xFF], [0xFF, 0x4F, 0xFF, 0x51], [0, 0, 0, 12, 0x6A, 0x50], [0xFF, 0x0A],
            [0, 0, 0, 12, 0x4A, 0x58],
        ]
        return marks.first { head.starts(with: $0) }
    }

    private static func bounded(_ starts: [Int], end: Int) -> [Range<Int>] {
        zip(starts, starts.dropFirst() + [end]).map { $0..<$1 }
    }

    private static func numbers(_ element: DICOMElement?, width: Int) -> [Int]? {
        switch element?.value {
        case .unsigned(let values)?: return values.map { Int(truncatingIfNeeded: $0) }
        case .bytes(let bytes)? where bytes.count.isMultiple(of: width):
            return stride(from: 0, to: bytes.count, by: width).map { start in
                (0..<width).reversed().reduce(0) { $0 << 8 | Int(bytes[start + $1]) }
            }
        default: return nil
        }
    }
}
