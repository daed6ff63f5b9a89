/// A small table, whole in memory as strings.
///
/// For tables of many rows use `CSVReader`.
package struct CSVTable: Sendable {
    package struct Row: Sendable, Equatable {
        package let cells: [String]
        /// 1-based over all records of the file, header records included.
        package let recordNumber: Int
        /// 1-based line on which the record begins.
        package let lineNumber: Int

        /// The cell as written; `nil` where the record is shorter.
        package subscript(column: Int) -> String? {
            cells.indices.contains(column) ? cells[column] : nil
        }
    }

    package let header: CSVHeader
    package let rows: [Row]
    package let dialect: CSVDialect
    package let warnings: [CSVWarning]

    /// **Throws** as `CSVReader.init` and `next()`.
    package init(bytes: [UInt8], options: CSVOptions = CSVOptions()) throws(TableError) {
        let reader = try CSVReader(bytes: bytes, options: options)
        try self.init(reader)
    }

    /// **Throws** as above, and `unreadable`.
    package init(path: String, options: CSVOptions = CSVOptions()) throws(TableError) {
        let reader = try CSVReader(path: path, options: options)
        try self.init(reader)
    }

    private init(_ reader: CSVReader) throws(TableError) {
        header = reader.header ?? CSVHeader([])
        var rows: [Row] = []
        while let row = try reader.next() {
            rows.append(Row(cells: row.strings, recordNumber: row.recordNumber, lineNumber: row.lineNumber))
        }
        self.rows = rows
        dialect = reader.dialect
        warnings = reader.warnings
    }

    package func column(named name: String) -> Int? { header.column(named: name) }

    /// **Throws** `missingColumn`.
    package func requiredColumn(named name: String) throws(TableError) -> Int {
        try header.requiredColumn(named: name)
    }
}
