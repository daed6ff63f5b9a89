/// Writes CSV as RFC 4180 describes it.
///
/// A cell is quoted when it holds the delimiter, a quote or a line break, or begins or ends with a space, so that every
/// reader gives it back as it was. The bytes are UTF-8.
package struct CSVWriter: Sendable {
    package enum LineEnding: String, Sendable {
        case lf = "\n"
        case crlf = "\r\n"
    }

    package enum Quoting: Sendable {
        case minimal
        /// Every cell but `nil`.
        case all
        /// As `minimal`, and an empty string is written `""`, which tells it from `nil` (PostgreSQL's convention).
        case minimalWithQuotedEmpty
    }

    /// Everything appended and not yet taken.
    package private(set) var bytes: [UInt8] = []
    private let delimiter: UInt8
    private let lineEnding: LineEnding
    private let quoting: Quoting

    /// **Parameter** hasByteOrderMark begin with EF BB BF, by which Excel knows UTF-8.
    package init(
        delimiter: UInt8 = UInt8(ascii: ","), lineEnding: LineEnding = .lf, quoting: Quoting = .minimal,
        hasByteOrderMark: Bool = false
    ) {
        self.delimiter = delimiter
        self.lineEnding = lineEnding
        self.quoting = quoting
        if hasByteOrderMark { bytes = [0xEF, 0xBB, 0xBF] }
    }

    /// One record; `nil` is a cell without any character.
    package mutating func append(_ cells: some Collection<String?>) {
        var isFirst = true
        for cell in cells {
            if !isFirst { bytes.append(delimiter) }
            isFirst = false
            if let cell { append(cell: cell, isAlone: cells.count == 1) }
        }
        bytes += Array(lineEnding.rawValue.utf8)
    }

    /// Hands over what is there, so that a long table can be written piece by piece.
    package mutating func takeBytes() -> [UInt8] {
        defer { bytes.removeAll(keepingCapacity: true) }
        return bytes
    }

    private mutating func append(cell: String, isAlone: Bool) {
        guard needsQuotes(cell, isAlone: isAlone) else {
            bytes.append(contentsOf: cell.utf8)
            return
        }
        bytes.append(UInt8(ascii: "\""))
        for byte in cell.utf8 {
            bytes.append(byte)
            if byte == UInt8(ascii: "\"") { bytes.append(byte) }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    /// An empty string alone in its record would be a blank line, which readers skip.
    private func needsQuotes(_ cell: String, isAlone: Bool) -> Bool {
        switch quoting {
        case .all: return true
        case .minimalWithQuotedEmpty where cell.isEmpty: return true
        case .minimal where cell.isEmpty: return isAlone
        case .minimal, .minimalWithQuotedEmpty: break
        }
        if cell.utf8.first == 0x20 || cell.utf8.last == 0x20 { return true }
        return cell.utf8.contains { $0 == delimiter || $0 == 0x22 || $0 == 0x0A || $0 == 0x0D }
    }
}
