internal import CanonicalJSON
internal import Datasets

/// What is odd about a label table as a whole.
struct LabelTableNotes: Sendable {
    private let table: LabelTable
    private let repeated: Int
    private let contradictions: Int
    /// Rows of the table that speak of absent images.
    private let waitingRows: Int
    private let columns: UnusedColumns
    private let plan: LabelFilePlan

    init(
        table: LabelTable, settled: (repeated: Int, contradictions: Int), waitingRows: Int, columns: UnusedColumns,
        plan: LabelFilePlan
    ) {
        self.table = table
        (repeated, contradictions) = settled
        self.waitingRows = waitingRows
        self.columns = columns
        self.plan = plan
    }

    static let waiting = "label_without_image"
    static let missing = "table_column_missing"
    static let checks = [
        "table_footer", "repeated_label", "contradicting_label", waiting, UnusedColumns.check, missing,
    ]

    func findings(origin: LabelOrigin) -> [Finding] {
        let subject = origin.noteSubject
        func finding(_ check: String, _ count: Int, _ severity: Finding.Severity, _ sentence: String) -> Finding? {
            count == 0
                ? nil
                : Finding(
                    check: check, severity: severity, subject: subject, sentence: sentence,
                    detail: ["count": .integer(count), "source": .string(plan.sourceName)])
        }
        return [
            finding(
                "table_footer", table.footerRows, .info,
                "\(table.footerRows) rows below the table name no patient and were left out."),
            finding(
                "repeated_label", repeated, .info, "\(repeated) answers stand in the table more than once."),
            finding(
                "contradicting_label", contradictions, .warning,
                "\(contradictions) questions were answered differently in several rows when the table was read; all answers "
                    + "are kept, and slicehouse sql several_answers names those that still differ."),
            finding(
                Self.waiting, waitingRows, .warning, Self.waitingSentence(waitingRows)),
            finding(
                Self.missing, table.missingColumns.count, .warning, Self.missingSentence(table.missingColumns)),
        ].compactMap(\.self) + columns.findings
    }

    static func missingSentence(_ columns: [String]) -> String {
        "The table lacks \(Self.columns(columns)) of the published one, so it says nothing of that; get a "
            + "whole copy, or correct the header and ingest the table again."
    }

    /// `the column a`; `the columns a, b and 3 more`.
    static func columns(_ names: [String]) -> String {
        let rest = names.count - Self.namedCount
        let named = names.prefix(Self.namedCount).joined(separator: ", ")
        return (names.count == 1 ? "the column " : "the columns ") + named + (rest > 0 ? " and \(rest) more" : "")
    }

    private static let namedCount = 10

    static func waitingSentence(_ rowCount: Int) -> String {
        "\(rowCount) rows speak of images that are not in the warehouse, or not under the patient, study and series "
            + "that the rows name; they wait for them."
    }
}

extension LabelOrigin {
    /// What findings about its file are attached to.
    var noteSubject: Finding.Subject { sourceFileID.map(Finding.Subject.sourceFile) ?? .dataset(datasetID) }
}
