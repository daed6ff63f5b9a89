package import Domains
internal import Tables

/// The assertions of one label table, read by the names of its columns.
///
/// Column sets differ between copies of one data set, so nothing is found by position: the vocabulary says which column
/// feeds which domain, and a column that a copy lacks says nothing.
package struct LabelTable: Sendable {
    package private(set) var assertions = LabelAssertions()
    package private(set) var rejectedRows: [RejectedRow] = []
    /// Rows below the table that name no patient (footers of spreadsheets).
    package private(set) var footerRows = 0
    package private(set) var rowCount = 0
    /// Names of columns that are neither keys nor of a domain, as written but for white space and what is long.
    package private(set) var unusedColumns: [String] = []
    /// Names of columns that feed a domain, in the same form; none where a cell names the domain.
    package private(set) var usedColumns: [UsedColumn] = []
    /// Names of columns that the layout expects and whose domains no column feeds.
    package private(set) var missingColumns: [String] = []

    /// What a row of the table is about.
    package let level: LabelLevel

    /// - Parameters:
    ///   - patientKey: what the warehouse calls a patient whom a key column names.
    ///   - coreCount: on how many cores keys that have a pattern are read at once.
    ///
    /// **Throws** `missing_column`, `nul_byte`, … of the reader: the whole table is then unusable.
    package init(
        bytes: [UInt8], layout: LabelLayout, vocabulary: Vocabulary,
        patientKey: @escaping @Sendable (WrittenPatient) -> String = { $0.identifier }, coreCount: Int = 1
    ) async throws(LabelTableError) {
        level = layout.level
        if let keyed = layout.keyed {
            var rows = KeyedTableRows(keyed, level: level, vocabulary: vocabulary, patientKey: patientKey)
            try await rows.read(bytes, coreCount: coreCount)
            (assertions, rejectedRows, rowCount) = (rows.assertions, rows.rejected, rows.rowCount)
            footerRows = rows.blankRowCount
            (unusedColumns, usedColumns) = (rows.unusedColumns, rows.usedColumns)
            return
        }
        do {
            let options = CSVOptions(headerRows: layout.mayHaveTwoHeaderRows ? .detect : .one)
            let reader = try CSVReader(bytes: bytes, options: options)
            let columns = try LabelColumns(
                reader.header ?? CSVHeader([]), layout: layout, vocabulary: vocabulary, level: level)
            (unusedColumns, usedColumns, missingColumns) = (columns.unused, columns.used, columns.missing)
            while let row = try reader.next() { read(row, columns, layout) }
        } catch {
            throw LabelTableError(code: error.code.rawValue, sentence: error.description)
        }
    }

    /// Leaves out what is neither of these rows, by their numbers, nor of these domains.
    package mutating func keep(rows numbers: Set<Int>, domains: Set<String>) {
        assertions.keep(rows: numbers, domains: domains)
        rejectedRows.removeAll { !numbers.contains($0.row) }
    }

    /// See `LabelAssertions.settleRepetitions`.
    package mutating func settleRepetitions(late rows: Set<Int> = []) -> (repeated: Int, contradictions: Int) {
        assertions.settleRepetitions(late: rows)
    }

    private mutating func read(_ row: CSVRow, _ columns: LabelColumns, _ layout: LabelLayout) {
        rowCount += 1
        let patient = row.wholeNumber(at: columns.patient).flatMap { $0 < 0 ? nil : $0 }
        if patient == nil, isFooter(row, columns) {
            footerRows += 1
            return
        }
        let count = columns.names.count
        guard row.hasCells(ofColumns: count) else {
            rejectedRows.append(.wrongCellCount(row, number: rowCount, columnCount: count))
            return
        }
        guard let patient else { return reject(row, columns.names[columns.patient]) }
        var number: Int?
        if let column = columns.slice {
            guard let slice = row.wholeNumber(at: column), slice > 0, slice <= Int32.max else {
                return reject(row, columns.names[column])
            }
            number = slice
        }
        let digits = String(patient)
        let key = String(repeating: "0", count: max(0, layout.patientDigits - digits.count)) + digits
        let subject = LabelKey(level: number == nil ? .patient : .slice, patient: key, slice: number)
        for (column, domain) in columns.values {
            guard let raw = row.string(at: column) else { continue }
            assertions.append(subject, domain: domain, rawValue: raw, row: rowCount)
        }
    }

    private mutating func reject(_ row: CSVRow, _ column: String) {
        let name = column.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        rejectedRows.append(
            RejectedRow(
                row: rowCount, line: row.lineNumber, code: "not_a_number",
                reason: "the column \(name) holds no number that can be used; correct the cell and ingest the table "
                    + "again"))
    }

    /// A note below a table of patients: nothing countable where the patient belongs, and most cells blank.
    ///
    /// A row of slices is never one: it would lose labels.
    private func isFooter(_ row: CSVRow, _ columns: LabelColumns) -> Bool {
        if row.isBlank { return true }
        guard columns.slice == nil else { return false }
        let filled = (0..<row.fieldCount).count { !(row.string(at: $0) ?? "").allSatisfy(\.isWhitespace) }
        let patient = row.string(at: columns.patient)?.trimmingSpace ?? ""
        return filled <= row.fieldCount / 2 && patient.utf8.first.map { !(0x30...0x39).contains($0) } ?? true
    }
}

/// A column of a label table, with the domain that it feeds.
package struct UsedColumn: Sendable, Hashable {
    package let name: String
    package let domain: String

    init(_ column: Int, of header: CSVHeader, domain: String) {
        name = header.shownName(of: column)
        self.domain = domain
    }
}

/// Why a whole label table is unusable.
package struct LabelTableError: Error, Sendable, Equatable {
    package let code: String
    package let sentence: String

    package init(code: String, sentence: String) {
        self.code = code
        self.sentence = sentence
    }
}

/// Where the keys and the domains of one table stand.
private struct LabelColumns {
    /// Of all columns, as written.
    let names: [String]
    let patient: Int
    let slice: Int?
    let values: [(column: Int, domain: String)]
    let used: [UsedColumn]
    /// Names of the other columns.
    let unused: [String]
    /// Names of expected columns whose domains none feeds.
    let missing: [String]

    init(_ header: CSVHeader, layout: LabelLayout, vocabulary: Vocabulary, level: LabelLevel) throws(TableError) {
        names = header.names
        patient = try Self.first(of: layout.patientColumns, in: header)
        if let names = layout.sliceColumns { slice = try Self.first(of: names, in: header) } else { slice = nil }
        values = header.names.enumerated().compactMap { column, name in
            vocabulary.domain(forColumn: name, level: level).map { (column, $0.name) }
        }
        used = values.map { UsedColumn($0.column, of: header, domain: $0.domain) }
        unused = header.otherNames(besides: Set(values.map { $0.column } + [patient] + (slice.map { [$0] } ?? [])))
        let fed = Set(values.map { $0.domain })
        missing = layout.expectedColumns.filter { name in
            vocabulary.domain(forColumn: name, level: level).map { !fed.contains($0.name) } ?? false
        }
        if values.isEmpty { throw header.lacking(allOf: vocabulary.columns(ofLevel: level)) }
    }

    /// The first of several names that the table has; the first name stands in the error when it has none.
    private static func first(of names: [String], in header: CSVHeader) throws(TableError) -> Int {
        for name in names { if let column = header.column(named: name) { return column } }
        return try header.requiredColumn(named: names.first ?? "")
    }
}
