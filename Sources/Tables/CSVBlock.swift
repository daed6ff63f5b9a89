/// Whole records cut from one piece of a table; rows are views into it.
///
/// Fields are ranges of `text`: nothing is copied until someone asks for a string. A row keeps its block alive.
final class CSVBlock: Sendable {
    /// A range of the text. The top bit of `length` says that the range begins with a quote and must be decoded.
    struct Field: BitwiseCopyable, Sendable {
        let start: UInt32
        let length: UInt32

        static let needsDecoding: UInt32 = 1 << 31

        init(start: Int, end: Int, needsDecoding: Bool = false) {
            self.start = UInt32(truncatingIfNeeded: start)
            length = UInt32(truncatingIfNeeded: end - start) | (needsDecoding ? Self.needsDecoding : 0)
        }

        var needsDecoding: Bool { length & Self.needsDecoding != 0 }
        var range: Range<Int> { Int(start)..<Int(start) + Int(length & ~Self.needsDecoding) }
    }

    struct Record: BitwiseCopyable, Sendable {
        let firstField: UInt32
        /// Counted from the block's first line.
        let line: UInt32
    }

    let text: [UInt8]
    let fields: [Field]
    let records: [Record]
    let quote: UInt8
    let isWindows1252: Bool
    /// Number of the block's first record, 1-based over all records of the file, headers included.
    let firstRecordNumber: Int
    /// Number of the block's first line, 1-based.
    let firstLineNumber: Int

    init(
        text: [UInt8], cut: CSVCut, quote: UInt8, isWindows1252: Bool, firstRecordNumber: Int, firstLineNumber: Int
    ) {
        self.text = text
        fields = cut.fields
        records = cut.records
        self.quote = quote
        self.isWindows1252 = isWindows1252
        self.firstRecordNumber = firstRecordNumber
        self.firstLineNumber = firstLineNumber
    }

    func fieldRange(ofRecord index: Int) -> Range<Int> {
        let end = index + 1 < records.count ? Int(records[index + 1].firstField) : fields.count
        return Int(records[index].firstField)..<end
    }
}
