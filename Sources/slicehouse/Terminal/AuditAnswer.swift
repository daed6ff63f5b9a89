import SQLInterface
import Training

/// What a check of splits or training sets says, as a table.
struct AuditAnswer {
    private let findings: [AuditFinding]
    private let subject: String

    /// - Parameter subject: What was looked at: the name of the first column.
    init(_ findings: [AuditFinding], of subject: String) {
        self.findings = findings
        self.subject = subject
    }

    /// **Throws** `someRejected` where a promise is broken.
    func give(as format: FormatOptions) throws {
        if format.json || !findings.isEmpty {
            Terminal.put(rows, as: format.rowFormat)
        } else {
            Terminal.put("nothing found")
        }
        if findings.contains(where: { $0.severity == .error }) { throw Failure.someRejected }
    }

    private var rows: RowSet {
        RowSet(
            columns: [subject, "check", "severity", "count", "what"],
            rows: findings.map {
                [
                    .text($0.subject), .text($0.check), .text($0.severity.rawValue), .integer(Int64($0.count)),
                    .text($0.sentence),
                ]
            })
    }
}
