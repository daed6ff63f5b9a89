/// How a CSV file is to be taken; everything left out is found out from the file.
package struct CSVOptions: Sendable, Equatable {
    package enum HeaderRows: Sendable, Equatable {
        case none
        case one
        /// Merged cells above, their parts below.
        case two
        /// `two` where the first record has unnamed columns that the second names, else `one`.
        case detect
    }

    /// `nil`: whichever of `, ; tab |` cuts the first records alike.
    package var delimiter: UInt8?
    package var quote: UInt8
    package var headerRows: HeaderRows
    /// Lines without any character are skipped (and counted) unless this is set.
    package var keepsBlankLines: Bool
    /// A quote that is never closed would swallow the file: records beyond this many bytes are an error.
    package var maximumRecordByteCount: Int
    /// **Cost** memory is about three times this.
    package var blockByteCount: Int

    package init(
        delimiter: UInt8? = nil, quote: UInt8 = UInt8(ascii: "\""), headerRows: HeaderRows = .one,
        keepsBlankLines: Bool = false, maximumRecordByteCount: Int = 16 << 20, blockByteCount: Int = 256 << 10
    ) {
        self.delimiter = delimiter
        self.quote = quote
        self.headerRows = headerRows
        self.keepsBlankLines = keepsBlankLines
        self.maximumRecordByteCount = maximumRecordByteCount
        self.blockByteCount = blockByteCount
    }

    /// **Throws** `invalidDialect`. Field ranges have 31 bits, hence the limit of 1 GiB a record.
    func check() throws(TableError) {
        guard
            delimiter != quote, delimiter != 0x0A, delimiter != 0x0D, blockByteCount > 0, blockByteCount <= 1 << 29,
            maximumRecordByteCount <= 1 << 29
        else {
            throw .csv(.invalidDialect, "its delimiter, quote or limits contradict one another")
        }
    }
}

/// What the options came to for one file.
package struct CSVDialect: Sendable, Equatable {
    package let delimiter: UInt8
    package let quote: UInt8
    package let encoding: CSVEncoding
}

package enum CSVEncoding: String, Sendable {
    case utf8 = "UTF-8"
    case utf16LittleEndian = "UTF-16LE"
    case utf16BigEndian = "UTF-16BE"
    /// Not Unicode: bytes 80–9F as in Windows-1252, which is what European Excel writes, the rest ISO 8859-1.
    case windows1252 = "Windows-1252"
}

/// What a reader noticed and got over; for the run's findings.
package enum CSVWarning: Sendable, Equatable {
    /// Bytes that are no UTF-8: from this record on cells are read as Windows-1252.
    case notUTF8(firstRecord: Int)
    /// Records with more or fewer fields than the first.
    case raggedRecords(count: Int, firstRecord: Int)
    case blankLines(count: Int)
}
