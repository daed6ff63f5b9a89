internal import Tables

/// What the rows of all label tables are looked at for, however they name their subject.
extension CSVRow {
    /// Whether no cell has anything but white space.
    var isBlank: Bool { isBlank(from: 0) }

    /// Blank cells behind the last column are what spreadsheets leave there; any other difference has moved cells.
    func hasCells(ofColumns count: Int) -> Bool { fieldCount >= count && isBlank(from: count) }

    /// The number that a cell names somebody or something by: see `String.wholeNumber`. Most cells are digits alone.
    func wholeNumber(at column: Int) -> Int? { integer(at: column) ?? string(at: column)?.wholeNumber }

    private func isBlank(from column: Int) -> Bool {
        (column..<fieldCount).allSatisfy { (string(at: $0) ?? "").allSatisfy(\.isWhitespace) }
    }
}

extension String {
    /// A whole number with or without white space around it, and with the fraction `.0` that it has where a program
    /// kept the column as floating-point numbers; `nil` for any other text.
    var wholeNumber: Int? {
        let parts = trimmingSpace.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        if parts.count == 2, parts[1].isEmpty || !parts[1].allSatisfy({ $0 == "0" }) { return nil }
        return parts.first.flatMap { Int($0) }
    }
}

extension CSVHeader {
    /// Names of the columns but for those at these places; columns without a name are left out.
    func otherNames(besides places: Set<Int>) -> [String] {
        names.indices.filter { !places.contains($0) }.map(shownName(of:)).filter { !$0.isEmpty }
    }

    /// The name of a column as written, but for white space and what is long.
    func shownName(of column: Int) -> String {
        let words = names[column].split { $0.isWhitespace || $0 == "\u{FEFF}" }.joined(separator: " ")
        return String(words.prefix(40))
    }
}

extension RejectedRow {
    /// A row without `hasCells(ofColumns:)`.
    ///
    /// - Parameter number: of the row, 1-based, the header not counted.
    static func wrongCellCount(_ row: CSVRow, number: Int, columnCount: Int) -> RejectedRow {
        RejectedRow(
            row: number, line: row.lineNumber, code: "wrong_cell_count",
            reason: "it has \(row.fieldCount) cells and the header \(columnCount); correct the row and "
                + "ingest the table again")
    }
}
