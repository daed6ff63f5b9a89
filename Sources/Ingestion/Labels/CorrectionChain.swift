internal import Datasets
internal import Domains
internal import SQLInterface
internal import Warehouse

/// What people said of one label, one after another: each step replaces what counted before, or withdraws it.
struct CorrectionChain: Sendable {
    let connection: any WarehouseConnection
    let patientID: Int64
    /// By time.
    private(set) var steps: [Step] = []
    /// What counts now; where the last step withdrew it, what did before.
    private var end: (sourceID: Int64, labelID: Int64)

    struct Step: Sendable {
        let author: String
        let reason: String
        let createdAt: SQLTimestamp
        /// `nil` withdraws the label.
        let replacement: Replacement?
    }

    /// What stands in the place of the label.
    struct Replacement: Sendable {
        let sourceID: Int64
        let labelID: Int64
        let readerID: Int64
        let rawValue: String
    }

    init(
        of labelID: Int64, in sourceID: Int64, patientID: Int64, on connection: any WarehouseConnection
    ) async throws {
        self.connection = connection
        self.patientID = patientID
        end = (sourceID, labelID)
        while let step = try await next() {
            steps.append(step)
            guard let replacement = step.replacement else { break }
            end = (replacement.sourceID, replacement.labelID)
        }
    }

    private func next() async throws -> Step? {
        let rows = try await connection.rows(
            """
            SELECT label_correction.author, label_correction.reason, label_correction.created_at,
                label.label_source_id, label.label_id, label.reader_id, label.raw_value
            FROM label_correction
            LEFT JOIN label ON label.patient_id = label_correction.patient_id
                AND label.label_source_id = label_correction.replacement_label_source_id
                AND label.label_id = label_correction.replacement_label_id
            WHERE label_correction.patient_id = \(patientID) AND label_correction.label_source_id = \(end.sourceID)
                AND label_correction.label_id = \(end.labelID)
            """)
        guard let row = rows.first else { return nil }
        var replacement: Replacement?
        if let labelID = try row.get("label_id", as: Int64?.self) {
            replacement = Replacement(
                sourceID: try row.get("label_source_id"), labelID: labelID, readerID: try row.get("reader_id"),
                rawValue: try row.get("raw_value"))
        }
        return Step(
            author: try row.get("author"), reason: try row.get("reason"), createdAt: try row.get("created_at"),
            replacement: replacement)
    }

    // MARK: Going on

    /// Says of this label too what was said of another one, unless something later was said of it.
    ///
    /// - Returns: whether it was said.
    mutating func append(
        _ step: Step, about subject: LabelSubject, domain name: String, _ domain: RegisteredDomain, origin: LabelOrigin
    ) async throws -> Bool {
        if let latest = steps.last?.createdAt, step.createdAt <= latest { return false }
        let earlier = steps.last
        let isWithdrawn = earlier.map { $0.replacement == nil } ?? false
        guard !isWithdrawn || step.replacement != nil else { return false }
        let copy = try await step.replacement?.copied(
            about: subject, domain: name, domain, origin: origin, on: connection)
        guard (copy == nil) == (step.replacement == nil) else { return false }
        let said = Step(
            author: step.author, reason: Self.reason(of: step, after: isWithdrawn ? earlier : nil),
            createdAt: step.createdAt, replacement: copy)
        if isWithdrawn {
            try await connection.execute(
                """
                DELETE FROM label_correction WHERE patient_id = \(patientID)
                    AND label_source_id = \(end.sourceID) AND label_id = \(end.labelID)
                """)
            steps.removeLast()
        }
        try await insert(said)
        steps.append(said)
        if let copy { end = (copy.sourceID, copy.labelID) }
        return true
    }

    /// As where a person gives a withdrawn label a value again.
    private static func reason(of step: Step, after withdrawal: Step?) -> String {
        guard let withdrawal else { return step.reason }
        let words = " (withdrawn before by \(withdrawal.author): \(withdrawal.reason))"
        return step.reason.contains(words) ? step.reason : step.reason + words
    }

    private func insert(_ step: Step) async throws {
        try await connection.execute(
            """
            INSERT INTO label_correction (patient_id, label_source_id, label_id, replacement_label_source_id,
                replacement_label_id, author, reason, created_at)
            VALUES (\(patientID), \(end.sourceID), \(end.labelID), \(step.replacement?.sourceID),
                \(step.replacement?.labelID), \(step.author), \(step.reason), \(step.createdAt))
            """)
    }
}

extension CorrectionChain.Replacement {
    /// The same answer of the same source and reader about another subject.
    fileprivate func copied(
        about subject: LabelSubject, domain name: String, _ domain: RegisteredDomain, origin: LabelOrigin,
        on connection: any WarehouseConnection
    ) async throws -> CorrectionChain.Replacement? {
        let free = try await connection.rows(
            """
            SELECT COALESCE(max(occurrence) + 1, 0) AS occurrence FROM label
            WHERE patient_id = \(subject.patientID) AND label_source_id = \(sourceID) AND subject_id = \(subject.id)
                AND label_domain_id = \(domain.id) AND reader_id = \(readerID)
            """)[0].get("occurrence", as: Int.self)
        let label = ResolvedLabel(
            assertion: LabelAssertion(
                key: LabelKey(level: subject.level), domain: name, rawValue: rawValue, row: nil),
            subject: subject, occurrence: free)
        let own = LabelOrigin(
            datasetID: origin.datasetID, sourceID: sourceID, readerID: readerID, sourceFileID: nil,
            runID: origin.runID)
        let written = try await LabelWriter(connection: connection, domains: [name: domain]).write([label], from: own)
        return written.ids.first.map {
            CorrectionChain.Replacement(sourceID: sourceID, labelID: $0, readerID: readerID, rawValue: rawValue)
        }
    }
}
