internal import Domains
internal import Tables

/// The rows of a label table whose subject one column names by a pattern.
struct KeyedTableRows {
    private let keyed: KeyedRows
    private let level: LabelLevel
    private let vocabulary: Vocabulary
    private let patientKey: (WrittenPatient) -> String
    private(set) var assertions = LabelAssertions()
    private(set) var rejected: [RejectedRow] = []
    private(set) var rowCount = 0
    private(set) var blankRowCount = 0
    /// Names of columns that are neither keys nor of a domain.
    private(set) var unusedColumns: [String] = []
    private(set) var usedColumns: [UsedColumn] = []
    private var columnCount = 0
    private var keyColumn = 0
    private var valueColumn = 0
    private var cells: [String: Int] = [:]
    private var domains: [(column: Int, domain: String)] = []
    /// Domain by the text that a long table has for it.
    private var domainOf: [String: String?] = [:]

    init(
        _ keyed: KeyedRows, level: LabelLevel, vocabulary: Vocabulary,
        patientKey: @escaping (WrittenPatient) -> String
    ) {
        self.keyed = keyed
        self.level = level
        self.vocabulary = vocabulary
        self.patientKey = patientKey
    }

    /// **Throws** as `LabelTable.init`.
    mutating func read(_ bytes: [UInt8]) throws(LabelTableError) {
        do {
            let reader = try CSVReader(bytes: bytes, options: CSVOptions())
            try find(in: reader.header ?? CSVHeader([]))
            while let row = try reader.next() { read(row) }
        } catch {
            throw LabelTableError(code: error.code.rawValue, sentence: error.description)
        }
    }

    private mutating func find(in header: CSVHeader) throws(TableError) {
        columnCount = header.count
        keyColumn = try header.requiredColumn(named: keyed.column)
        let templates = [
            keyed.patient, keyed.issuer, keyed.study, keyed.series, keyed.slice, keyed.sopInstanceUID, keyed.domain,
        ]
        for name in templates.compactMap(\.self).flatMap(\.columns) {
            cells[name] = try header.requiredColumn(named: name)
        }
        if let value = keyed.valueColumn {
            valueColumn = try header.requiredColumn(named: value)
            unusedColumns = header.otherNames(besides: Set(cells.values).union([keyColumn, valueColumn]))
            return
        }
        domains = header.names.enumerated().compactMap { column, name in
            vocabulary.domain(forColumn: name, level: level).map { (column, $0.name) }
        }
        usedColumns = domains.map { UsedColumn($0.column, of: header, domain: $0.domain) }
        unusedColumns = header.otherNames(besides: Set(cells.values).union(domains.map { $0.column } + [keyColumn]))
        if domains.isEmpty { throw header.lacking(allOf: vocabulary.columns(ofLevel: level)) }
    }

    private mutating func read(_ row: CSVRow) {
        rowCount += 1
        let text = row.string(at: keyColumn)?.trimmingSpace ?? ""
        if text.isEmpty, row.isBlank {
            blankRowCount += 1
            return
        }
        guard row.hasCells(ofColumns: columnCount) else {
            rejected.append(.wrongCellCount(row, number: rowCount, columnCount: columnCount))
            return
        }
        readCells(of: row, key: text)
    }

    private mutating func readCells(of row: CSVRow, key text: String) {
        guard let groups = keyed.pattern.groups(of: text) else {
            return reject(
                row, "its key does not have the form that the source declares; correct the cell and ingest again")
        }
        func filled(_ template: TextTemplate?) -> String? {
            template?.filled(groups: groups) { name in cells[name].flatMap { row.string(at: $0)?.trimmingSpace } }
        }
        let slice = filled(keyed.slice)
        var key = LabelKey(
            level: level, patient: filled(keyed.patient), study: filled(keyed.study), series: filled(keyed.series),
            slice: slice?.wholeNumber, sopInstanceUID: filled(keyed.sopInstanceUID))
        guard namesSubject(key) else {
            return reject(row, "its key is empty; correct the cell and ingest the table again")
        }
        if let slice, key.slice == nil {
            return reject(row, "its slice number (\(slice.isEmpty ? "empty" : "not a number")) is not a whole number")
        }
        key.patient = key.patient.map {
            patientKey(WrittenPatient(identifier: $0, issuer: filled(keyed.issuer), study: key.study))
        }
        guard let template = keyed.domain else {
            for (column, domain) in domains { append(key, domain, row.string(at: column)) }
            return
        }
        guard let name = filled(template), let domain = domain(named: name) else {
            return reject(row, "it answers a question that the vocabulary does not know; add its column there")
        }
        append(key, domain, row.string(at: valueColumn))
    }

    /// An empty name would wait for an image that never comes.
    private func namesSubject(_ key: LabelKey) -> Bool {
        let name = level == .patient ? key.patient : key.sopInstanceUID ?? key.series
        return name?.allSatisfy(\.isWhitespace) == false
    }

    private mutating func domain(named name: String) -> String? {
        if let known = domainOf[name] { return known }
        let found = vocabulary.domain(forColumn: name, level: level)?.name
        domainOf[name] = .some(found)
        return found
    }

    private mutating func append(_ key: LabelKey, _ domain: String, _ raw: String?) {
        guard let raw else { return }
        assertions.append(key, domain: domain, rawValue: raw, row: rowCount)
    }

    private mutating func reject(_ row: CSVRow, _ reason: String) {
        rejected.append(RejectedRow(row: rowCount, line: row.lineNumber, code: "bad_key", reason: reason))
    }
}
