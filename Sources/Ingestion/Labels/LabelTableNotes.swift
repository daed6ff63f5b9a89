internal import CanonicalJSON
internal import Datasets

/// What is odd about a label table as a whole.
struct LabelTableNotes: Sendable {
    private let table: LabelTable
    private let repeated: Int
    private let contradictions: Int
    /// Rows of the table that speak of absent images.
    private let waitingRows: Int
    private let plan: LabelFilePlan

    init(
        table: LabelTable, settled: (repeated: Int, contradictions: Int), waitingRows: Int, plan: LabelFilePlan
    ) {
        self.table = table
        (repeated, contradictions) = settled
        self.waitingRows = waitingRows
        self.plan = plan
    }

    static let waiting = "label_without_image"
    static let checks = ["table_footer", "repeated_label", "contradicting_label", waiting]

    func findings(origin: LabelOrigin) -> [Finding] {
        let subject = origin.sourceFileID.map(Finding.Subject.sourceFile) ?? .dataset(origin.datasetID)
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
                "\(contradictions) questions are answered differently in two rows; both answers are kept."),
            finding(
                Self.waiting, waitingRows, .warning, Self.waitingSentence(waitingRows)),
        ].compactMap(\.self)
    }

    static func waitingSentence(_ rowCount: Int) -> String {
        "\(rowCount) rows speak of images that are not in the warehouse; they wait for them."
    }
}
