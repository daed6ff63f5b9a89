/// One record of a table: a view that copies nothing until it is asked for a string.
///
/// It keeps the block of text it was cut from alive (`CSVOptions.blockByteCount`); keep strings, not rows.
package struct CSVRow: Sendable {
    private let block: CSVBlock
    private let index: Int
    private let fields: Range<Int>

    init(block: CSVBlock, index: Int) {
        self.block = block
        self.index = index
        fields = block.fieldRange(ofRecord: index)
    }

    /// 1-based over all records of the file, header records included, skipped blank lines not.
    package var recordNumber: Int { block.firstRecordNumber + index }
    /// 1-based line on which the record begins.
    package var lineNumber: Int { block.firstLineNumber + Int(block.records[index].line) }
    package var fieldCount: Int { fields.count }

    /// The cell as written: quotes resolved, no white space removed; `nil` where the record has no such field.
    package func string(at column: Int) -> String? {
        guard let field = field(at: column) else { return nil }
        let isWindows1252 = block.isWindows1252
        return unsafe withDecodedBytes(of: field) { bytes in
            isWindows1252 ? unsafe Windows1252.string(bytes) : unsafe String(decoding: bytes, as: UTF8.self)
        }
    }

    package var strings: [String] { (0..<fieldCount).map { string(at: $0) ?? "" } }

    /// Lends the cell's bytes, quotes resolved, in the file's encoding (UTF-8 unless the reader warned); `nil` where
    /// the record has no such field. **Cost** no allocation unless the cell has doubled quotes.
    package func withBytes<R>(at column: Int, _ body: (Span<UInt8>) throws -> R) rethrows -> R? {
        guard let field = field(at: column) else { return nil }
        return try unsafe withDecodedBytes(of: field) { try unsafe body($0.span) }
    }

    /// Whether the cell has no character at all, or does not exist.
    package func isEmpty(at column: Int) -> Bool {
        withBytes(at: column) { $0.isEmpty } ?? true
    }

    /// The cell as a decimal integer with an optional sign and nothing else; `nil` for any other text.
    package func integer(at column: Int) -> Int? {
        withBytes(at: column) { bytes in
            var digits = 0..<bytes.count
            guard let first = digits.first else { return nil }
            let isNegative = bytes[first] == UInt8(ascii: "-")
            if isNegative || bytes[first] == UInt8(ascii: "+") { digits = digits.dropFirst() }
            guard !digits.isEmpty, digits.count <= 18 else { return nil }
            var value = 0
            for position in digits {
                let digit = bytes[position] &- UInt8(ascii: "0")
                guard digit <= 9 else { return nil }
                value = value * 10 + Int(digit)
            }
            return isNegative ? -value : value
        } ?? nil
    }

    private func field(at column: Int) -> CSVBlock.Field? {
        column >= 0 && column < fields.count ? block.fields[fields.lowerBound + column] : nil
    }

    private func withDecodedBytes<R>(
        of field: CSVBlock.Field, _ body: (UnsafeBufferPointer<UInt8>) throws -> R
    ) rethrows -> R {
        try unsafe block.text.withUnsafeBufferPointer { text in
            let raw = unsafe UnsafeBufferPointer(rebasing: text[field.range])
            guard field.needsDecoding else { return try unsafe body(raw) }
            let decoded = unsafe decode(raw)
            return try unsafe decoded.withUnsafeBufferPointer(body)
        }
    }

    /// Removes the quotes around the first part and halves the doubled ones inside it.
    private func decode(_ raw: UnsafeBufferPointer<UInt8>) -> [UInt8] {
        var decoded: [UInt8] = []
        var isQuoted = true
        var position = 1
        while position < raw.count {
            let byte = unsafe raw[position]
            if isQuoted, byte == block.quote {
                if position + 1 < raw.count, unsafe raw[position + 1] == block.quote {
                    position += 1
                } else {
                    isQuoted = false
                    position += 1
                    continue
                }
            }
            decoded.append(byte)
            position += 1
        }
        return decoded
    }
}
