internal import Domains
internal import Tables

/// How the rows of one keyed table are read: what a single row says, whatever the others do.
struct KeyedRowForm: Sendable {
    let keyed: KeyedRows
    let level: LabelLevel
    let patientKey: @Sendable (WrittenPatient) -> String
    let columnCount: Int
    let keyColumn: Int
    /// Column by the name that a template has for it.
    let cells: [String: Int]
    /// Columns that hold answers.
    let answers: [Int]

    enum Statement: Sendable {
        case blank
        /// Its cells are not as many as the columns.
        case cells(CSVRow, columnCount: Int)
        case unreadable(line: Int, reason: String)
        /// In the order of the columns.
        case answers(LabelKey, [String?])
        /// To a question that the key names, as it is written there.
        case answer(LabelKey, question: String, value: String?, line: Int)
    }

    func statement(of row: CSVRow) -> Statement {
        let text = row.string(at: keyColumn)?.trimmingSpace ?? ""
        if text.isEmpty, row.isBlank { return .blank }
        guard row.hasCells(ofColumns: columnCount) else { return .cells(row, columnCount: columnCount) }
        guard let groups = keyed.pattern.groups(of: text) else {
            return .unreadable(
                line: row.lineNumber,
                reason: "its key does not have the form that the source declares; correct the cell and ingest again")
        }
        return statement(of: row, groups)
    }

    private func statement(of row: CSVRow, _ groups: [String]) -> Statement {
        func filled(_ template: TextTemplate?) -> String? {
            template?.filled(groups: groups) { name in cells[name].flatMap { row.string(at: $0)?.trimmingSpace } }
        }
        let slice = filled(keyed.slice)
        var key = LabelKey(
            level: level, patient: filled(keyed.patient), study: filled(keyed.study), series: filled(keyed.series),
            slice: slice?.wholeNumber, sopInstanceUID: filled(keyed.sopInstanceUID))
        if let reason = problem(with: key, slice) { return .unreadable(line: row.lineNumber, reason: reason) }
        key.patient = key.patient.map {
            patientKey(WrittenPatient(identifier: $0, issuer: filled(keyed.issuer), study: key.study))
        }
        guard let question = keyed.domain else { return .answers(key, answers.map { row.string(at: $0) }) }
        return .answer(
            key, question: filled(question) ?? "", value: answers.first.flatMap { row.string(at: $0) },
            line: row.lineNumber)
    }

    /// An empty name would wait for an image that never comes.
    private func problem(with key: LabelKey, _ slice: String?) -> String? {
        let name = level == .patient ? key.patient : key.sopInstanceUID ?? key.series
        guard name?.allSatisfy(\.isWhitespace) == false else {
            return "its key is empty; correct the cell and ingest the table again"
        }
        guard let slice, key.slice == nil else { return nil }
        return "its slice number (\(slice.isEmpty ? "empty" : "not a number")) is not a whole number"
    }
}
