internal import CanonicalJSON
internal import Datasets
internal import SQLInterface
internal import Warehouse

/// Reads one file of marks into the warehouse, in one transaction with the row that says so.
struct MarkLoader: Sendable {
    let connection: any WarehouseConnection
    let context: RunContext
    let vocabularies: VocabularyLibrary

    struct Outcome: Sendable {
        var source: SourceOutcome
        var marks = 0
        var masks = 0
        var labels = 0
        /// Labels that the rules do not understand.
        var quarantined = 0
        /// Marks whose series is not in the warehouse.
        var waiting = 0
        var rejectedRows = 0
        var findings = 0

        mutating func add(_ written: MarkWriter.Written) {
            marks += written.marks
            masks += written.masks
            labels += written.labels
            quarantined += written.quarantined
            findings += written.findings
        }
    }

    func load(_ plan: MarkFilePlan, entry: RunPlan.PlannedEntry, path: String) async throws -> Outcome {
        let file = LabelFile(
            file: plan.file, dataset: plan.dataset, entry: entry, connection: connection, context: context)
        return try await file.settle(path, rejected: { Outcome(source: $0) }) { bytes, sha256 in
            try await store(try plan.read(bytes), plan: plan, file: file, sha256: sha256)
        }
    }

    private func store(
        _ table: MarkTable, plan: MarkFilePlan, file: LabelFile, sha256: [UInt8]
    ) async throws -> Outcome {
        let name = plan.sourceName + (table.sourceSuffix.map { ":" + $0 } ?? "")
        return try await connection.transaction {
            let (origin, rest) = try await file.begin(
                sourceName: name, kind: plan.format.kind, sha256: sha256,
                replaysRows: context.settings.replayRejected)
            if rest?.isEmpty == true { return Outcome(source: .known) }
            context.failpoints.pass(.vocabularyWritten)
            var read = table
            if let rest { read.keep(rows: rest.rows) }
            let vocabulary = try vocabularies.vocabulary(named: plan.vocabulary)
            let writer = MarkWriter(
                connection: connection, context: context, origin: origin, vocabulary: vocabulary,
                isClustered: table.isClustered)
            var outcome = try await write(read, plan: plan, by: writer, isRest: rest != nil)
            try await file.reject(read.rejectedRows, origin: origin)
            outcome.rejectedRows = read.rejectedRows.count
            try await file.removeNotes(Self.noteChecks, origin: origin)
            let waiting = try await rest == nil ? outcome.waiting : waitingMarks(of: origin)
            outcome.findings += try await FindingWriter(connection: connection, context: context).write(
                findings(table, plan: plan, waiting: waiting, origin: origin))
            outcome.findings += try await MarkCorrectionTransfer(connection: connection, runID: context.runID).transfer(
                to: origin.sourceID)
            context.failpoints.pass(.labelsLoaded)
            return outcome
        }
    }

    /// Marks of series that are there are written, the others wait.
    ///
    /// - Parameter isRest: other marks of the table are stored, and some of these may be.
    private func write(
        _ table: MarkTable, plan: MarkFilePlan, by writer: MarkWriter, isRest: Bool
    ) async throws -> Outcome {
        var outcome = Outcome(source: .labelSource)
        let places = MarkedSeriesFinder(connection: connection, datasetID: writer.origin.datasetID)
        let late = LateMarks(connection: connection, sourceID: writer.origin.sourceID)
        for start in stride(from: 0, to: table.series.count, by: 200) {
            let page = table.series[start..<min(start + 200, table.series.count)]
            let found = try await places.find(page.map(\.seriesKey))
            var waiting: [WaitingMarks.Entry] = []
            for marks in page {
                if isRest, let count = try await late.join(marks) {
                    outcome.waiting += count
                    continue
                }
                guard let series = found[marks.seriesKey] else {
                    outcome.waiting += marks.marks.count
                    waiting.append(WaitingMarks.Entry(marks, reason: "series_absent", contourCount: 0))
                    continue
                }
                let new = try await isRest ? late.new(marks, on: series) : marks
                let written = try await writer.write(new, on: series)
                outcome.add(written)
                if written.missingContours > 0 {
                    waiting.append(
                        WaitingMarks.Entry(marks, reason: "slice_absent", contourCount: written.contours))
                }
            }
            try await WaitingMarks(connection: connection, context: context, vocabularies: vocabularies).keep(
                waiting, of: writer.origin, vocabulary: plan.vocabulary, isClustered: table.isClustered)
        }
        return outcome
    }

    /// Marks of a source on series that are not there.
    private func waitingMarks(of origin: LabelOrigin) async throws -> Int {
        let rows = try await connection.rows(
            """
            SELECT COALESCE(SUM(mark_count), 0) AS mark_count FROM annotation_unresolved
            WHERE label_source_id = \(origin.sourceID) AND reason = 'series_absent'
            """)
        return try rows[0].get("mark_count")
    }

    static let waitingCheck = "annotation_without_image"

    static func waitingSentence(_ count: Int) -> String {
        "\(count) marks are on series that are not in the warehouse; they wait."
    }

    private static let noteChecks =
        MarkNote.checks + [waitingCheck, UnusedColumns.check, LabelTableNotes.missing]

    private func findings(
        _ table: MarkTable, plan: MarkFilePlan, waiting: Int, origin: LabelOrigin
    ) -> [Finding] {
        let subject = origin.noteSubject
        var notes = table.notes
        if waiting > 0 {
            notes.append(
                MarkNote(check: Self.waitingCheck, count: waiting, sentence: Self.waitingSentence(waiting)))
        }
        return notes.map { note in
            Finding(
                check: note.check, severity: note.check == MarkNote.repeatedRow ? .info : .warning, subject: subject,
                sentence: note.sentence, detail: ["count": .integer(note.count)])
        } + Self.columnFindings(table, plan: plan, subject: subject)
    }

    /// As of tables of labels.
    private static func columnFindings(
        _ table: MarkTable, plan: MarkFilePlan, subject: Finding.Subject
    ) -> [Finding] {
        func finding(_ check: String, _ columns: [String], _ severity: Finding.Severity, _ says: String) -> Finding? {
            guard !columns.isEmpty else { return nil }
            return Finding(
                check: check, severity: severity, subject: subject, sentence: says,
                detail: [
                    "count": .integer(columns.count), "source": .string(plan.sourceName),
                    "columns": .strings(columns),
                ])
        }
        let unused = LabelTableNotes.columns(table.unusedColumns)
        return [
            finding(
                UnusedColumns.check, table.unusedColumns, .info,
                "Tables of marks have no place for \(unused) of this one, so nothing of it is stored."),
            finding(
                LabelTableNotes.missing, table.missingColumns, .warning,
                LabelTableNotes.missingSentence(table.missingColumns)),
        ].compactMap(\.self)
    }
}
