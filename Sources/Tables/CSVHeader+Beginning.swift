extension CSVHeader {
    /// The header of a table of which the beginning is at hand, found as `CSVReader` finds it; `nil` where that has
    /// none or cannot be read.
    ///
    /// - Parameter isWhole: nothing follows. Else the last line, which may be cut, is left out.
    package init?(beginning bytes: [UInt8], isWhole: Bool) {
        let lines = isWhole ? bytes[...] : Self.wholeLines(of: bytes)
        // A row that spoils the table does not take its header away.
        guard let header = Self.header(of: lines) ?? Self.header(of: bytes.prefix { !Self.isLineEnd($0) }) else {
            return nil
        }
        self = header
    }

    private static func header(of lines: ArraySlice<UInt8>) -> CSVHeader? {
        (try? CSVReader(bytes: Array(lines)))?.header
    }

    /// Up to the last line end; where UTF-16 is marked, one of two bytes.
    private static func wholeLines(of bytes: [UInt8]) -> ArraySlice<UInt8> {
        let isLittle = bytes.starts(with: [0xFF, 0xFE])
        guard isLittle || bytes.starts(with: [0xFE, 0xFF]) else {
            return bytes.lastIndex { isLineEnd($0) }.map { bytes[...$0] } ?? []
        }
        for place in stride(from: bytes.count / 2 * 2 - 2, to: 0, by: -2) {
            let (low, high) = isLittle ? (bytes[place], bytes[place + 1]) : (bytes[place + 1], bytes[place])
            if high == 0, isLineEnd(low) { return bytes[...(place + 1)] }
        }
        return []
    }

    private static func isLineEnd(_ byte: UInt8) -> Bool { byte == 0x0A || byte == 0x0D }
}
