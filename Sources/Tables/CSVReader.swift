/// Streams the records of a CSV file of any size.
///
/// Reads RFC 4180 and what is met in the wild: byte-order marks, UTF-16 with one, CRLF, LF and CR, quoted line breaks,
/// doubled quotes, `, ; tab |`, ragged records, text that is not UTF-8. Cells are given as written.
///
///     let reader = try CSVReader(path: path)
///     let image = try reader.requiredColumn(named: "ID")
///     while let row = try reader.next() { … row.string(at: image) … }
///
/// **Cost** about three blocks of memory whatever the size of the file.
package final class CSVReader {
    package private(set) var dialect: CSVDialect
    /// `nil` where the options say that there is none.
    package private(set) var header: CSVHeader?
    private let options: CSVOptions
    private var source: CSVTextSource
    /// Text behind the last whole record.
    private var remainder: [UInt8] = []
    private var isAtEnd = false
    private var block: CSVBlock?
    private var nextIndex = 0
    private var recordCount = 0
    private var lineCount = 0
    private var expectedFieldCount: Int?
    private var ragged: (count: Int, first: Int)?
    private var blankLineCount = 0
    private var firstNonUTF8Record: Int?

    /// **Throws** `invalidEncoding`, `nulByte`, `unterminatedQuote`, `recordTooLong`, `empty` where a header is asked
    /// for.
    package convenience init(bytes: [UInt8], options: CSVOptions = CSVOptions()) throws(TableError) {
        try self.init(reading: CSVTextSource(CSVByteSource(bytes: bytes)), options: options)
    }

    /// **Throws** as above, and `unreadable`.
    package convenience init(path: String, options: CSVOptions = CSVOptions()) throws(TableError) {
        try self.init(reading: CSVTextSource(CSVByteSource(path: path)), options: options)
    }

    private init(reading source: CSVTextSource, options: CSVOptions) throws(TableError) {
        self.options = options
        self.source = source
        dialect = CSVDialect(
            delimiter: options.delimiter ?? CSVDelimiterDetector.candidates[0], quote: options.quote,
            encoding: source.encoding)
        try options.check()
        isAtEnd = try !fill(to: options.blockByteCount)
        if options.delimiter == nil {
            let sample = Array(remainder.prefix(CSVDelimiterDetector.sampleByteCount))
            let found = CSVDelimiterDetector.delimiter(
                of: sample, quote: options.quote, isWhole: isAtEnd && sample.count == remainder.count)
            dialect = CSVDialect(delimiter: found, quote: options.quote, encoding: dialect.encoding)
        }
        try readHeader()
    }

    /// The next record, `nil` at the end of the file.
    package func next() throws(TableError) -> CSVRow? {
        let row = try nextRow()
        if let row { note(row) }
        return row
    }

    /// What was noticed up to here; complete when `next()` has returned `nil`.
    package var warnings: [CSVWarning] {
        var warnings: [CSVWarning] = []
        if let firstNonUTF8Record { warnings.append(.notUTF8(firstRecord: firstNonUTF8Record)) }
        if let ragged { warnings.append(.raggedRecords(count: ragged.count, firstRecord: ragged.first)) }
        if blankLineCount > 0 { warnings.append(.blankLines(count: blankLineCount)) }
        return warnings
    }

    package func column(named name: String) -> Int? { header?.column(named: name) }

    /// **Throws** `missingColumn`, naming the column.
    package func requiredColumn(named name: String) throws(TableError) -> Int {
        guard let header else {
            throw .csv(.missingColumn, "the column \"\(name)\" was asked of a table that is read without a header")
        }
        return try header.requiredColumn(named: name)
    }

    private func nextRow() throws(TableError) -> CSVRow? {
        while true {
            if let block, nextIndex < block.records.count {
                defer { nextIndex += 1 }
                return CSVRow(block: block, index: nextIndex)
            }
            guard try readBlock() else { return nil }
        }
    }

    private func note(_ row: CSVRow) {
        guard let expectedFieldCount else {
            expectedFieldCount = row.fieldCount
            return
        }
        if row.fieldCount != expectedFieldCount {
            ragged = (count: (ragged?.count ?? 0) + 1, first: ragged?.first ?? row.recordNumber)
        }
    }

    private func readHeader() throws(TableError) {
        guard options.headerRows != .none else { return }
        guard let first = try next()?.strings else {
            throw .csv(.empty, "it has no header; copy it again from its source")
        }
        guard options.headerRows != .one, let second = try nextRow() else {
            header = CSVHeader(first)
            return
        }
        let isTwoRows = options.headerRows == .two || CSVHeader.isSecondRow(second.strings, of: first)
        header = isTwoRows ? CSVHeader(first, second: second.strings) : CSVHeader(first)
        if !isTwoRows { nextIndex -= 1 }
    }

    /// Reads until the remainder has `count` bytes; `false` when the file is at its end.
    private func fill(to count: Int) throws(TableError) -> Bool {
        let known = remainder.count
        while remainder.count < count {
            guard try source.append(count - remainder.count, to: &remainder) else {
                try checkForNUL(from: known)
                return false
            }
        }
        try checkForNUL(from: known)
        return true
    }

    /// A NUL would end C strings and cannot be stored in PostgreSQL.
    private func checkForNUL(from position: Int) throws(TableError) {
        guard let place = CSVText.firstNUL(in: remainder, from: position) else { return }
        let line = lineCount + 1 + remainder[..<place].count { $0 == 0x0A }
        throw .csv(.nulByte, "it holds a zero byte; save it as UTF-8 text", line: line)
    }

    /// Cuts the next block that holds a whole record; `false` at the end of the file.
    private func readBlock() throws(TableError) -> Bool {
        block = nil
        while !(isAtEnd && remainder.isEmpty) {
            let cut = CSVCut(
                remainder, delimiter: dialect.delimiter, quote: dialect.quote, keepsBlankLines: options.keepsBlankLines,
                isFinal: isAtEnd, expectedFieldCount: remainder.count / 8)
            if cut.consumedByteCount > 0 {
                adopt(cut)
                if !isAtEnd { isAtEnd = try !fill(to: options.blockByteCount) }
                return true
            }
            guard !isAtEnd else {
                throw .csv(
                    .unterminatedQuote, "a quoted field is never closed",
                    line: cut.openQuoteLine.map { lineCount + 1 + $0 })
            }
            guard remainder.count < options.maximumRecordByteCount else {
                throw .csv(
                    .recordTooLong, "a record exceeds \(options.maximumRecordByteCount) bytes; is a quote unclosed?",
                    line: lineCount + 1)
            }
            isAtEnd = try !fill(to: remainder.count * 2)
        }
        return false
    }

    private func adopt(_ cut: CSVCut) {
        let text = Array(remainder[..<cut.consumedByteCount])
        if dialect.encoding != .windows1252, !CSVText.isUTF8(text) {
            source.becomeWindows1252()
            dialect = CSVDialect(delimiter: dialect.delimiter, quote: dialect.quote, encoding: .windows1252)
            firstNonUTF8Record = recordCount + 1
        }
        block = CSVBlock(
            text: text, cut: cut, quote: dialect.quote, isWindows1252: dialect.encoding == .windows1252,
            firstRecordNumber: recordCount + 1, firstLineNumber: lineCount + 1)
        nextIndex = 0
        recordCount += cut.records.count
        lineCount += cut.lineCount
        blankLineCount += cut.blankLineCount
        remainder.removeFirst(cut.consumedByteCount)
    }
}
