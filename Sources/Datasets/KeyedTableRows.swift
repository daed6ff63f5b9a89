internal import Domains
internal import Tables

/// The rows of a label table whose subject one column names by a pattern.
struct KeyedTableRows {
    private let keyed: KeyedRows
    private let level: LabelLevel
    private let vocabulary: Vocabulary
    private let patientKey: @Sendable (WrittenPatient) -> String
    private(set) var assertions = LabelAssertions()
    private(set) var rejected: [RejectedRow] = []
    private(set) var rowCount = 0
    private(set) var blankRowCount = 0
    /// Names of columns that are neither keys nor of a domain.
    private(set) var unusedColumns: [String] = []
    private(set) var usedColumns: [UsedColumn] = []
    /// Of the columns that hold answers, in their order; none where keys name them.
    private var domains: [String] = []
    /// Domain by the text that a long table has for it.
    private var domainOf: [String: String?] = [:]

    /// Enough for all cores to be busy, few enough to stay small.
    private static let rowsAtOnce = 1 << 15

    init(
        _ keyed: KeyedRows, level: LabelLevel, vocabulary: Vocabulary,
        patientKey: @escaping @Sendable (WrittenPatient) -> String
    ) {
        self.keyed = keyed
        self.level = level
        self.vocabulary = vocabulary
        self.patientKey = patientKey
    }

    /// Reads keys on several cores, and takes what the rows say in their order.
    ///
    /// **Throws** as `LabelTable.init`.
    mutating func read(_ bytes: [UInt8], coreCount: Int) async throws(LabelTableError) {
        do throws(TableError) {
            let reader = try CSVReader(bytes: bytes, options: CSVOptions())
            let form = try rowForm(in: reader.header ?? CSVHeader([]))
            var rows: [CSVRow] = []
            repeat {
                rows.removeAll(keepingCapacity: true)
                while rows.count < Self.rowsAtOnce, let row = try reader.next() { rows.append(row) }
                for statement in await ParallelPieces(rows, count: coreCount).compactMap({ form.statement(of: $0) }) {
                    take(statement)
                }
            } while rows.count == Self.rowsAtOnce
        } catch {
            throw LabelTableError(code: error.code.rawValue, sentence: error.description)
        }
    }

    private mutating func rowForm(in header: CSVHeader) throws(TableError) -> KeyedRowForm {
        let key = try header.requiredColumn(named: keyed.column)
        let templates = [
            keyed.patient, keyed.issuer, keyed.study, keyed.series, keyed.slice, keyed.sopInstanceUID, keyed.domain,
        ]
        var cells: [String: Int] = [:]
        for name in templates.compactMap(\.self).flatMap(\.columns) {
            cells[name] = try header.requiredColumn(named: name)
        }
        let answers = try answerColumns(in: header, keys: Set(cells.values).union([key]))
        return KeyedRowForm(
            keyed: keyed, level: level, patientKey: patientKey, columnCount: header.count, keyColumn: key, cells: cells,
            answers: answers)
    }

    /// The columns that hold answers; where the key names the domain it is one.
    private mutating func answerColumns(in header: CSVHeader, keys: Set<Int>) throws(TableError) -> [Int] {
        if let value = keyed.valueColumn {
            let column = try header.requiredColumn(named: value)
            unusedColumns = header.otherNames(besides: keys.union([column]))
            return [column]
        }
        let columns = header.names.indices.filter { domain(named: header.names[$0]) != nil }
        if columns.isEmpty { throw header.lacking(allOf: vocabulary.columns(ofLevel: level)) }
        domains = columns.compactMap { domain(named: header.names[$0]) }
        usedColumns = zip(columns, domains).map { UsedColumn($0, of: header, domain: $1) }
        unusedColumns = header.otherNames(besides: keys.union(columns))
        return columns
    }

    private mutating func take(_ statement: KeyedRowForm.Statement) {
        rowCount += 1
        switch statement {
        case .blank: blankRowCount += 1
        case .cells(let row, let columnCount):
            rejected.append(.wrongCellCount(row, number: rowCount, columnCount: columnCount))
        case .unreadable(let line, let reason): reject(line, reason)
        case .answers(let key, let values):
            for (domain, value) in zip(domains, values) { append(key, domain, value) }
        case .answer(let key, let question, let value, let line):
            guard let domain = domain(named: question) else {
                return reject(line, "it answers a question that the vocabulary does not know; add its column there")
            }
            append(key, domain, value)
        }
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

    private mutating func reject(_ line: Int, _ reason: String) {
        rejected.append(RejectedRow(row: rowCount, line: line, code: "bad_key", reason: reason))
    }
}
