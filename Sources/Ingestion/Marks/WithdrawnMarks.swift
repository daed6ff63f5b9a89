internal import CanonicalJSON
internal import SQLInterface
internal import Warehouse

/// The marks of one source on one series, withdrawn to be placed anew: groups and consensus may change with each slice.
///
/// Only what hangs on the annotations goes: frozen samples and predictions are about the annotations themselves. What
/// people corrected of their labels is kept, and goes with its nodule where another reading gives this its name.
struct WithdrawnMarks: Sendable {
    /// The annotations, on which nothing of the source hangs any more.
    let ids: Set<Int64>
    private let connection: any WarehouseConnection
    private let origin: LabelOrigin
    private let patientID: Int64
    /// By time.
    private let corrections: [Correction]

    /// A label of the source in whose place something else counts, or nothing.
    fileprivate struct Correction: Sendable {
        let annotationID: Int64
        let annotationKey: String
        let domainID: Int64
        let rawValue: String
        let replacementSourceID: Int64?
        let replacementID: Int64?
        let author: String
        let reason: String
        let createdAt: SQLTimestamp
    }

    /// What a correction is of from now on.
    private struct Question: Hashable {
        let annotationID: Int64
        let domainID: Int64
    }

    init(of origin: LabelOrigin, on series: MarkedSeries, connection: any WarehouseConnection) async throws {
        self.connection = connection
        self.origin = origin
        patientID = series.patientID
        let own: SQL = """
            SELECT annotation_id FROM annotation WHERE patient_id = \(series.patientID)
                AND series_id = \(series.seriesID) AND label_source_id = \(origin.sourceID)
            """
        ids = Set(try await connection.rows(own).map { try $0.get("annotation_id", as: Int64.self) })
        corrections = try await connection.rows(
            """
            SELECT annotation.annotation_id, annotation.annotation_key, label.label_domain_id, label.raw_value,
                label_correction.replacement_label_source_id, label_correction.replacement_label_id,
                label_correction.author, label_correction.reason, label_correction.created_at
            FROM label_correction
            JOIN label ON label.patient_id = label_correction.patient_id
                AND label.label_source_id = label_correction.label_source_id
                AND label.label_id = label_correction.label_id
            JOIN annotation ON annotation.patient_id = label.patient_id
                AND annotation.annotation_id = label.annotation_id
            WHERE label_correction.patient_id = \(series.patientID)
                AND label_correction.label_source_id = \(origin.sourceID)
                AND annotation.series_id = \(series.seriesID)
            ORDER BY label_correction.created_at, label_correction.label_id
            """
        ).map(Correction.init(row:))
        for table in ["annotation_member", "annotation_contour", "annotation_mask", "annotation_rating"] {
            try await connection.execute(
                """
                DELETE FROM \(identifier: table)
                WHERE patient_id = \(series.patientID) AND annotation_id IN (\(sql: own))
                """)
        }
        // With its corrections; what these put in its place is of another source, and stays.
        try await connection.execute(
            """
            DELETE FROM label
            WHERE patient_id = \(series.patientID) AND label_source_id = \(origin.sourceID)
                AND annotation_id IN (\(sql: own))
            """)
        // Whether its nodules can be told apart is said anew, with another count perhaps.
        try await connection.execute(
            """
            DELETE FROM quality_finding
            WHERE patient_id = \(series.patientID) AND series_id = \(series.seriesID)
                AND check_name = \(MarkWriter.ambiguousCheck)
            """)
    }

    // MARK: Corrections

    /// Brings what counts by the word of people to the nodules that there are now, before the others are deleted. Of
    /// nodules that are one now the latest correction counts.
    ///
    /// - Parameter nodules: ids by the keys that each of their readings could give them.
    func moveReplacements(to nodules: [String: Int64]) async throws {
        for (question, corrections) in questions(nodules) {
            for earlier in corrections.dropLast() {
                try await connection.execute("DELETE FROM label WHERE \(sql: replacements(of: earlier))")
            }
            guard let latest = corrections.last, latest.annotationID != question.annotationID else { continue }
            try await connection.execute(
                """
                UPDATE label SET annotation_id = \(question.annotationID)
                WHERE \(sql: replacements(of: latest))
                """)
        }
    }

    /// Corrects the labels that were written anew as those of before were. Returns how many findings are new.
    func correctAgain(_ nodules: [String: Int64]) async throws -> Int {
        var findings: [Finding] = []
        for (question, corrections) in questions(nodules) {
            let labels = try await connection.rows(
                """
                SELECT label_id, raw_value FROM label
                WHERE patient_id = \(patientID) AND label_source_id = \(origin.sourceID)
                    AND annotation_id = \(question.annotationID) AND label_domain_id = \(question.domainID)
                """)
            guard let label = labels.first, let latest = corrections.last else { continue }
            let labelID: Int64 = try label.get("label_id")
            let rawValue: String = try label.get("raw_value")
            try await correct(labelID, by: latest, after: corrections.dropLast())
            if corrections.count > 1 || rawValue != latest.rawValue { findings.append(finding(labelID)) }
        }
        return try await FindingWriter(connection: connection, runID: origin.runID).write(findings)
    }

    private func questions(_ nodules: [String: Int64]) -> [(key: Question, value: [Correction])] {
        Dictionary(grouping: corrections) { correction in
            Question(
                annotationID: nodules[correction.annotationKey] ?? correction.annotationID,
                domainID: correction.domainID)
        }.sorted { ($0.key.annotationID, $0.key.domainID) < ($1.key.annotationID, $1.key.domainID) }
    }

    /// Labels that stand in the place of a corrected one, the whole chain of them.
    private func replacements(of correction: Correction) -> SQL {
        """
        patient_id = \(patientID) AND annotation_id = \(correction.annotationID)
            AND label_domain_id = \(correction.domainID) AND label_source_id <> \(origin.sourceID)
        """
    }

    private func correct(
        _ labelID: Int64, by correction: Correction, after earlier: ArraySlice<Correction>
    ) async throws {
        let words = earlier.map { " (of a part of it \($0.author) said before: \($0.reason))" }
        try await connection.execute(
            """
            INSERT INTO label_correction (patient_id, label_source_id, label_id, replacement_label_source_id,
                replacement_label_id, author, reason, created_at)
            VALUES (\(patientID), \(origin.sourceID), \(labelID), \(correction.replacementSourceID),
                \(correction.replacementID), \(correction.author), \(correction.reason + words.joined()),
                \(correction.createdAt))
            """)
    }

    private func finding(_ labelID: Int64) -> Finding {
        Finding(
            check: CorrectionTransfer.check, severity: .warning, subject: .patient(patientID),
            sentence: "A label that was corrected by hand is of other readings now that more slices of its series are "
                + "here; the correction still counts, and slicehouse domains correct can change it.",
            detail: ["label_id": .string(String(labelID))])
    }
}

extension WithdrawnMarks.Correction {
    fileprivate init(row: Row) throws {
        annotationID = try row.get("annotation_id")
        annotationKey = try row.get("annotation_key")
        domainID = try row.get("label_domain_id")
        rawValue = try row.get("raw_value")
        replacementSourceID = try row.get("replacement_label_source_id")
        replacementID = try row.get("replacement_label_id")
        author = try row.get("author")
        reason = try row.get("reason")
        createdAt = try row.get("created_at")
    }
}
