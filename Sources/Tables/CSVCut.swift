/// The cutting of text into records and fields: the inner loop of the reader.
///
/// The rules are those of RFC 4180 where it speaks, and of Python's `csv` (not strict) where files break it: a quote
/// counts only at the start of a field; text behind a closing quote belongs to the field; LF, CRLF and CR all end a
/// record.
struct CSVCut {
    private(set) var fields: [CSVBlock.Field] = []
    private(set) var records: [CSVBlock.Record] = []
    /// How much of the text the records take; the rest is the beginning of the next one.
    private(set) var consumedByteCount = 0
    private(set) var lineCount = 0
    private(set) var blankLineCount = 0
    /// Line, counted from 0, of a quote that was open where the text ended.
    private(set) var openQuoteLine: Int?

    private let delimiter: UInt8
    private let quote: UInt8
    private let keepsBlankLines: Bool
    private let isFinal: Bool

    /// - `isFinal`: no more text follows, so the last record needs no line end.
    init(
        _ text: [UInt8], delimiter: UInt8, quote: UInt8, keepsBlankLines: Bool, isFinal: Bool,
        expectedFieldCount: Int = 0
    ) {
        self.delimiter = delimiter
        self.quote = quote
        self.keepsBlankLines = keepsBlankLines
        self.isFinal = isFinal
        fields.reserveCapacity(expectedFieldCount)
        unsafe text.withUnsafeBufferPointer { unsafe cut($0) }
    }

    private mutating func cut(_ text: UnsafeBufferPointer<UInt8>) {
        let count = text.count
        var position = 0
        while position < count {
            let fieldCount = fields.count
            let line = lineCount
            let start = position
            guard let end = unsafe cutRecord(text, &position) else {
                fields.removeSubrange(fieldCount...)
                lineCount = line
                return
            }
            let isBlank = end == start && fields.count == fieldCount + 1
            if isBlank && !keepsBlankLines {
                fields.removeLast()
                blankLineCount += 1
            } else {
                records.append(.init(firstField: UInt32(fieldCount), line: UInt32(line)))
            }
            consumedByteCount = position
        }
    }

    /// Appends the fields of one record and moves behind its line end.
    ///
    /// **Returns** where its last field ended, `nil` when the text ended first.
    private mutating func cutRecord(_ text: UnsafeBufferPointer<UInt8>, _ position: inout Int) -> Int? {
        let count = text.count
        var start = position
        while true {
            if start < count, unsafe text[start] == quote {
                guard let end = unsafe cutQuotedField(text, start) else { return nil }
                position = end
            } else {
                var end = start
                while end < count {
                    let byte = unsafe text[end]
                    if byte == delimiter || byte == 0x0A || byte == 0x0D { break }
                    end += 1
                }
                fields.append(.init(start: start, end: end))
                position = end
            }
            guard position < count else { return isFinal ? position : nil }
            guard unsafe text[position] == delimiter else { break }
            start = position + 1
        }
        return unsafe skipLineEnd(text, &position)
    }

    /// **Returns** `position` as it came, or `nil` when a CR is the last byte and an LF may follow.
    private mutating func skipLineEnd(_ text: UnsafeBufferPointer<UInt8>, _ position: inout Int) -> Int? {
        let end = position
        if unsafe text[position] == 0x0D {
            guard position + 1 < text.count || isFinal else { return nil }
            if position + 1 < text.count, unsafe text[position + 1] == 0x0A { position += 1 }
        }
        position += 1
        lineCount += 1
        return end
    }

    /// A field that begins with a quote. **Returns** where its delimiter or line end is.
    private mutating func cutQuotedField(_ text: UnsafeBufferPointer<UInt8>, _ start: Int) -> Int? {
        let count = text.count
        let firstLine = lineCount
        var position = start + 1
        var hasDoubledQuote = false
        while position < count {
            let byte = unsafe text[position]
            if byte == quote {
                if position + 1 < count, unsafe text[position + 1] == quote {
                    hasDoubledQuote = true
                    position += 2
                    continue
                }
                break
            }
            if unsafe byte == 0x0A || (byte == 0x0D && position + 1 < count && text[position + 1] != 0x0A) {
                lineCount += 1
            }
            position += 1
        }
        guard position < count else {
            openQuoteLine = firstLine
            return nil
        }
        // At the end of a piece the closing quote may be the first of two.
        guard position + 1 < count || isFinal else { return nil }
        let closing = position
        position += 1
        while position < count {
            let byte = unsafe text[position]
            if byte == delimiter || byte == 0x0A || byte == 0x0D { break }
            position += 1
        }
        let isPlain = !hasDoubledQuote && position == closing + 1
        fields.append(
            isPlain
                ? .init(start: start + 1, end: closing) : .init(start: start, end: position, needsDecoding: true))
        return position
    }
}
