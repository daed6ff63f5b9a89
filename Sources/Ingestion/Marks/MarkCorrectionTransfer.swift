internal import CanonicalJSON
internal import Domains
internal import SQLInterface
internal import Warehouse

/// Lets corrections of the labels of marks outlive the version of the table that they were made on.
///
/// Each version has marks of its own. What a person said of a mark is said again of the one that is at its place in
/// another version (``MarkCounterparts``), step by step, with author, reason and time; of versions on which different
/// things were said the latest holds. What was said of marks of a version that is out of force is kept and counts
/// nowhere.
struct MarkCorrectionTransfer: Sendable {
    let connection: any WarehouseConnection
    let runID: Int64

    static let absentCheck = "corrected_mark_absent"

    /// Part of the transaction that brought the version in or back into force. Returns how many findings are new.
    func transfer(to sourceID: Int64) async throws -> Int {
        let rows = try await connection.rows(
            "SELECT name, dataset_id FROM label_source WHERE label_source_id = \(sourceID)")
        guard let row = rows.first else { return 0 }
        let (name, datasetID): (String, Int64) = (try row.get("name"), try row.get("dataset_id"))
        let marks = try await CorrectedMark.all(ofTable: name, datasetID: datasetID, on: connection)
        guard !marks.isEmpty else { return 0 }
        let origin = LabelOrigin(
            datasetID: datasetID, sourceID: sourceID, readerID: 0, sourceFileID: nil, runID: runID)
        let findings = try await carry(marks.filter { $0.sourceID != sourceID }, to: origin)
        let told = try await FindingWriter(connection: connection, runID: runID).write(findings)
        return try await told + tellAbsent(ofTable: name, datasetID: datasetID)
    }

    // MARK: Carrying

    private func carry(_ marks: [CorrectedMark], to origin: LabelOrigin) async throws -> [Finding] {
        let domains = try await DomainCatalogue(connection: connection).domains(named: Set(marks.map(\.domain)))
        var findings: [Finding] = []
        for (patientID, own) in Self.byPatient(marks) {
            let labels = try await MarkCounterparts(
                connection: connection, patientID: patientID, sourceID: origin.sourceID
            ).labels(of: own)
            let groups = Dictionary(grouping: own.filter { labels[$0] != nil }) { labels[$0]?.id ?? 0 }
            for (_, group) in groups.sorted(by: { $0.key < $1.key }) {
                guard let label = labels[group[0]], let domain = domains[group[0].domain] else { continue }
                let isChanged = try await say(group, of: label, domain, origin)
                if isChanged { findings.append(try await finding(label, patientID: patientID)) }
            }
        }
        return findings
    }

    private static func byPatient(_ marks: [CorrectedMark]) -> [(key: Int64, value: [CorrectedMark])] {
        Dictionary(grouping: marks, by: \.patientID).sorted { $0.key < $1.key }
    }

    /// Says of a label what was said of those of other versions. Returns whether it is another one than what the last
    /// word was about.
    private func say(
        _ marks: [CorrectedMark], of label: MarkCounterparts.Label, _ domain: RegisteredDomain, _ origin: LabelOrigin
    ) async throws -> Bool {
        let patientID = marks[0].patientID
        var chain = try await CorrectionChain(
            of: label.id, in: origin.sourceID, patientID: patientID, on: connection)
        let subject = LabelSubject(
            level: .annotation, patientID: patientID, seriesID: nil, sliceID: nil, annotationID: label.annotationID)
        var said: [(step: CorrectionChain.Step, rawValue: String)] = []
        for mark in marks {
            let steps = try await CorrectionChain(
                of: mark.labelID, in: mark.sourceID, patientID: patientID, on: connection
            ).steps
            said += steps.map { (step: $0, rawValue: mark.rawValue) }
        }
        var isNew = false
        for item in said.sorted(by: { $0.step.createdAt < $1.step.createdAt }) {
            let isSaid = try await chain.append(
                item.step, about: subject, domain: marks[0].domain, domain, origin: origin)
            isNew = isNew || isSaid
        }
        let latest = chain.steps.last?.createdAt
        return isNew && said.contains { $0.step.createdAt == latest && $0.rawValue != label.rawValue }
    }

    private func finding(_ label: MarkCounterparts.Label, patientID: Int64) async throws -> Finding {
        let rows = try await connection.rows(
            """
            SELECT series_id FROM annotation
            WHERE patient_id = \(patientID) AND annotation_id = \(label.annotationID)
            """)
        let seriesID: Int64? = try rows.first?.get("series_id")
        return Finding(
            check: CorrectionTransfer.check, severity: .warning,
            subject: seriesID.map { .series(patientID: patientID, seriesID: $0) } ?? .patient(patientID),
            sentence: "A label of a mark that was corrected by hand has another value in the new version of its table; "
                + "the correction still counts, and slicehouse domains correct can change it.",
            detail: ["label_id": .string(String(label.id))])
    }

    // MARK: Marks that are no longer there

    /// A correction, whichever versions it is written in.
    private struct Word: Hashable {
        let patientID: Int64
        let domainID: Int64
        let author: String
        let createdAt: SQLTimestamp
    }

    /// Brings the finding up to date that says how many corrections count nowhere, while files of the table count: at
    /// their places these have no label. Returns how many findings are new.
    func tellAbsent(ofTable name: String, datasetID: Int64) async throws -> Int {
        let active = try await connection.rows(
            """
            SELECT label_source_id, source_file_id FROM label_source
            WHERE dataset_id = \(datasetID) AND name = \(name) AND sha256 IS NOT NULL AND is_active
            ORDER BY label_source_id
            """)
        let marks = try await CorrectedMark.all(ofTable: name, datasetID: datasetID, on: connection)
        var absent = active.isEmpty ? [] : marks.filter { !$0.isActive }
        for row in active where !absent.isEmpty {
            absent = try await absent.without(row.get("label_source_id"), connection)
        }
        let count = Set(
            absent.map {
                Word(patientID: $0.patientID, domainID: $0.domainID, author: $0.author, createdAt: $0.createdAt)
            }
        ).count
        let file: Int64? = try active.first?.get("source_file_id")
        let subject = file.map { Finding.Subject.sourceFile($0) } ?? .dataset(datasetID)
        return try await replaceFindings(
            ofTable: name, datasetID: datasetID, by: count > 0 ? [Self.absence(count, subject, name)] : [])
    }

    private static func absence(_ count: Int, _ subject: Finding.Subject, _ name: String) -> Finding {
        let marks = count == 1 ? "1 correction by hand counts" : "\(count) corrections by hand count"
        return Finding(
            check: absentCheck, severity: .warning, subject: subject,
            sentence: "\(marks) nowhere: what counts of the table of marks that was corrected has nothing at that "
                + "place. Put the marks back and ingest the table again, or correct those that are there now.",
            detail: ["table_name": .string(name), "count": .integer(count)])
    }

    private func replaceFindings(
        ofTable name: String, datasetID: Int64, by findings: [Finding]
    ) async throws -> Int {
        let writer = FindingWriter(connection: connection, runID: runID)
        let standing = try await writer.standing(
            where: """
                check_name = \(Self.absentCheck) AND source_file_id IN (
                    SELECT source_file_id FROM label_source WHERE dataset_id = \(datasetID) AND name = \(name)
                )
                """)
        return try await writer.replace(standing, with: findings)
    }
}

extension [CorrectedMark] {
    /// Those that have no label at their places in this version of the table.
    fileprivate func without(_ sourceID: Int64, _ connection: any WarehouseConnection) async throws -> [CorrectedMark] {
        var rest: [CorrectedMark] = []
        for (patientID, own) in Dictionary(grouping: self, by: \.patientID).sorted(by: { $0.key < $1.key }) {
            let found = try await MarkCounterparts(
                connection: connection, patientID: patientID, sourceID: sourceID
            ).labels(of: own)
            rest += own.filter { found[$0] == nil }
        }
        return rest
    }
}
