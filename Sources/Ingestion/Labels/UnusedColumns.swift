internal import CanonicalJSON
internal import Datasets
internal import SQLInterface
internal import Warehouse

/// The columns of a label table of which nothing is stored, told as findings.
///
/// A table that is stored gives labels of domains of which it has none. So a column that was given to a domain which
/// another column feeds brings nothing when the table is read again, and stays in the finding.
struct UnusedColumns: Sendable {
    private let plan: LabelFilePlan
    private let subject: Finding.Subject
    /// That no domain takes.
    private let untaken: [String]
    /// That a domain takes since the table was stored.
    private let late: [UsedColumn]
    /// Findings of before.
    private let standing: Set<Int64>

    static let check = "table_column_unused"

    /// - Parameter rest: what is read of a table that is stored.
    init(
        of table: LabelTable, plan: LabelFilePlan, origin: LabelOrigin, rest: LabelRest?,
        on connection: any WarehouseConnection
    ) async throws {
        self.plan = plan
        subject = origin.noteSubject
        untaken = table.unusedColumns
        // What stands about a new or another version says nothing of this one.
        guard let rest, !rest.isBack, let fileID = origin.sourceFileID else {
            (late, standing) = ([], [])
            return
        }
        let rows = try await connection.rows(
            """
            SELECT quality_finding_id, detail FROM quality_finding
            WHERE check_name = \(Self.check) AND source_file_id = \(fileID)
            """)
        standing = Set(try rows.map { try $0.get("quality_finding_id", as: Int64.self) })
        let earlier = Set(
            try rows.flatMap { row -> [String] in
                try JSONValue(parsing: try row.get("detail"))["columns"]?.array?.compactMap(\.string) ?? []
            })
        late = table.usedColumns.filter { earlier.contains($0.name) && !rest.domains.contains($0.domain) }
    }

    /// Brings the findings of a table up to date of which nothing else is read. Returns how many are new.
    func refresh(on connection: any WarehouseConnection, context: RunContext) async throws -> Int {
        guard !standing.isEmpty else { return 0 }
        return try await FindingWriter(connection: connection, context: context).replace(standing, with: findings)
    }

    // MARK: Findings

    var findings: [Finding] {
        [finding(untaken, untakenSentence), finding(late.map(\.name), lateSentence)].compactMap(\.self)
    }

    private func finding(_ columns: [String], _ sentence: String) -> Finding? {
        guard !columns.isEmpty else { return nil }
        return Finding(
            check: Self.check, severity: .info, subject: subject, sentence: sentence,
            detail: [
                "count": .integer(columns.count), "source": .string(plan.sourceName), "columns": .strings(columns),
            ])
    }

    private var untakenSentence: String {
        let columns = LabelTableNotes.columns(untaken)
        if plan.layout.keyed?.valueColumn != nil {
            return "The table has one answer a row, so nothing of \(columns) is stored."
        }
        return "No domain of the vocabulary \(plan.vocabulary) takes \(columns) of the table, so nothing of it is "
            + "stored; to store it, name it in the columns of a domain that no other column of the table feeds, and "
            + "ingest the table again with --rehash."
    }

    private var lateSentence: String {
        let columns = LabelTableNotes.columns(late.map(\.name))
        let domains = Set(late.map(\.domain)).sorted().joined(separator: ", ")
        return "Nothing of \(columns) of the table is stored, since labels of another column are stored in \(domains) "
            + "already; to store it, give it a domain of its own and ingest the table again with --rehash."
    }
}
