/// The table's text as UTF-8, or as Windows-1252 where it is not UTF-8: strips the byte-order mark, transcodes UTF-16.
struct CSVTextSource {
    private(set) var encoding: CSVEncoding
    private let source: CSVByteSource
    /// Bytes read ahead, or the beginning of a UTF-16 character.
    private var pending: [UInt8] = []

    init(_ source: CSVByteSource) throws(TableError) {
        self.source = source
        _ = try source.append(3, to: &pending)
        if pending.starts(with: [0xEF, 0xBB, 0xBF]) {
            encoding = .utf8
            pending.removeFirst(3)
        } else if pending.starts(with: [0xFF, 0xFE]) {
            encoding = .utf16LittleEndian
            pending.removeFirst(2)
        } else if pending.starts(with: [0xFE, 0xFF]) {
            encoding = .utf16BigEndian
            pending.removeFirst(2)
        } else {
            encoding = .utf8
        }
    }

    mutating func becomeWindows1252() { encoding = .windows1252 }

    /// Appends up to about `count` bytes of text; `false` when there is no more.
    mutating func append(_ count: Int, to text: inout [UInt8]) throws(TableError) -> Bool {
        guard encoding == .utf16LittleEndian || encoding == .utf16BigEndian else {
            guard pending.isEmpty else {
                text += pending
                pending = []
                _ = try source.append(count, to: &text)
                return true
            }
            return try source.append(count, to: &text)
        }
        let hasMore = try source.append(count, to: &pending)
        guard hasMore || !pending.isEmpty else { return false }
        try transcode(isLast: !hasMore, to: &text)
        return true
    }

    private mutating func transcode(isLast: Bool, to text: inout [UInt8]) throws(TableError) {
        var position = 0
        while position + 1 < pending.count {
            let unit = self.unit(at: position)
            guard UTF16.isLeadSurrogate(unit) else {
                guard let scalar = Unicode.Scalar(unit) else { throw .brokenUTF16 }
                text.append(contentsOf: UTF8.encode(scalar).map(Array.init) ?? [])
                position += 2
                continue
            }
            if position + 3 >= pending.count { break }
            let trail = self.unit(at: position + 2)
            guard UTF16.isTrailSurrogate(trail) else { throw .brokenUTF16 }
            let scalar = UTF16.decode(UTF16.EncodedScalar([unit, trail]))
            text.append(contentsOf: UTF8.encode(scalar).map(Array.init) ?? [])
            position += 4
        }
        pending.removeFirst(position)
        guard !isLast || pending.isEmpty else { throw .brokenUTF16 }
    }

    private func unit(at position: Int) -> UInt16 {
        let (first, second) = (UInt16(pending[position]), UInt16(pending[position + 1]))
        return encoding == .utf16LittleEndian ? first | second << 8 : first << 8 | second
    }
}

extension TableError {
    fileprivate static var brokenUTF16: TableError {
        .csv(.invalidEncoding, "its UTF-16 is broken; save it as UTF-8")
    }
}
