internal import Datasets
internal import Domains
internal import SQLInterface
internal import Warehouse

/// The subject of a label, found in the warehouse.
struct LabelSubject: Sendable, Hashable {
    let level: LabelLevel
    let patientID: Int64
    /// The series of the subject, at every level below the study.
    let seriesID: Int64?
    let sliceID: Int64?
    let annotationID: Int64?

    static func patient(_ id: Int64) -> LabelSubject {
        LabelSubject(level: .patient, patientID: id, seriesID: nil, sliceID: nil, annotationID: nil)
    }

    static func series(_ id: Int64, of patientID: Int64) -> LabelSubject {
        LabelSubject(level: .series, patientID: patientID, seriesID: id, sliceID: nil, annotationID: nil)
    }

    static func slice(_ id: Int64, of seriesID: Int64, patientID: Int64) -> LabelSubject {
        LabelSubject(level: .slice, patientID: patientID, seriesID: seriesID, sliceID: id, annotationID: nil)
    }

    static func annotation(_ id: Int64, of seriesID: Int64, patientID: Int64) -> LabelSubject {
        LabelSubject(level: .annotation, patientID: patientID, seriesID: seriesID, sliceID: nil, annotationID: id)
    }

    /// The id at its level.
    var id: Int64 {
        switch level {
        case .annotation: annotationID ?? patientID
        case .slice: sliceID ?? patientID
        case .series: seriesID ?? patientID
        case .patient, .study: patientID
        }
    }

    /// `series_id`, `slice_id` and `annotation_id` of a label: only that of its level is set.
    var columns: [SQLValue] {
        [
            level == .series ? SQLValue(seriesID) : .null, level == .slice ? SQLValue(sliceID) : .null,
            level == .annotation ? SQLValue(annotationID) : .null,
        ]
    }
}

/// A label whose subject is known, on its way into the warehouse.
struct ResolvedLabel: Sendable {
    let assertion: LabelAssertion
    let subject: LabelSubject
    let occurrence: Int
}

/// Where labels come from, with the ids that their rows name.
struct LabelOrigin: Sendable {
    let datasetID: Int64
    let sourceID: Int64
    let readerID: Int64
    let sourceFileID: Int64?
    let runID: Int64
}

/// Writes labels and the values that the rules derive from them.
struct LabelWriter: Sendable {
    let connection: any WarehouseConnection
    let domains: [String: RegisteredDomain]

    private static let labelColumns = [
        "patient_id", "label_source_id", "label_id", "label_domain_id", "reader_id", "level", "series_id", "slice_id",
        "annotation_id", "occurrence", "raw_value", "source_file_id", "source_row", "ingest_run_id",
    ]

    /// Adds labels, by the thousand.
    ///
    /// - Parameter leavingOutStored: some of the labels may be there already.
    func write(
        _ labels: [ResolvedLabel], from origin: LabelOrigin, leavingOutStored: Bool = false
    ) async throws {
        var cleaners = domains.mapValues { Cleaner($0.ruleset) }
        for start in stride(from: 0, to: labels.count, by: 5_000) {
            let page = labels[start..<min(start + 5_000, labels.count)]
            let keys = page.map { naturalKey($0, origin) }
            let ids = try await KeyResolver(connection: connection).resolve(
                keys, in: .label, of: Set(page.map(\.subject.patientID)))
            var rows: [[SQLValue]] = []
            var values: [[SQLValue]] = []
            let stored = leavingOutStored ? try await storedIDs(of: origin.sourceID) : []
            for (label, key) in zip(page, keys) {
                guard let domain = domains[label.assertion.domain], let id = ids[key], !stored.contains(id)
                else { continue }
                let result = cleaners[label.assertion.domain]?.clean(label.assertion.rawValue)
                rows.append(row(label, id: id, domain: domain, origin))
                values += result.map { self.values($0, labelID: id, label, domain, origin) } ?? []
            }
            try await connection.load(table: "label", columns: Self.labelColumns, rows: rows)
            try await connection.load(table: "label_value", columns: ValueRows.columns, rows: values)
        }
    }

    private func storedIDs(of sourceID: Int64) async throws -> Set<Int64> {
        let rows = try await connection.rows("SELECT label_id FROM label WHERE label_source_id = \(sourceID)")
        return Set(try rows.map { try $0.get("label_id", as: Int64.self) })
    }

    private func naturalKey(_ label: ResolvedLabel, _ origin: LabelOrigin) -> [SQLValue] {
        [
            .integer(origin.sourceID), .integer(label.subject.id),
            .integer(domains[label.assertion.domain]?.id ?? 0), .integer(origin.readerID),
            .integer(Int64(label.occurrence)),
        ]
    }

    private func row(
        _ label: ResolvedLabel, id: Int64, domain: RegisteredDomain, _ origin: LabelOrigin
    ) -> [SQLValue] {
        [
            .integer(label.subject.patientID), .integer(origin.sourceID), .integer(id), .integer(domain.id),
            .integer(origin.readerID), .text(label.subject.level.rawValue),
        ] + label.subject.columns + [
            .integer(Int64(label.occurrence)), .text(label.assertion.rawValue), SQLValue(origin.sourceFileID),
            SQLValue(label.assertion.row), .integer(origin.runID),
        ]
    }

    private func values(
        _ result: CleanResult, labelID: Int64, _ label: ResolvedLabel, _ domain: RegisteredDomain,
        _ origin: LabelOrigin
    ) -> [[SQLValue]] {
        ValueRows(result, domain: domain).rows(
            patientID: label.subject.patientID, sourceID: origin.sourceID, labelID: labelID)
    }
}

/// What the rules made of one raw value, as rows of `label_value`.
struct ValueRows: Sendable {
    private let result: CleanResult
    private let domain: RegisteredDomain

    static let columns = [
        "patient_id", "label_source_id", "label_id", "label_ruleset_id", "value_ordinal", "status", "label_term_id",
        "number_value", "text_value", "rule_index", "reason",
    ]

    init(_ result: CleanResult, domain: RegisteredDomain) {
        self.result = result
        self.domain = domain
    }

    func rows(patientID: Int64, sourceID: Int64, labelID: Int64) -> [[SQLValue]] {
        let key: [SQLValue] = [
            .integer(patientID), .integer(sourceID), .integer(labelID), .integer(domain.rulesetID),
        ]
        guard !result.values.isEmpty else {
            return [
                key + [
                    .integer(0), .text(result.status.rawValue), .null, .null, .null, SQLValue(result.ruleIndex),
                    SQLValue(result.reason?.code.rawValue),
                ]
            ]
        }
        return result.values.map { value in
            key + [.integer(Int64(value.ordinal)), .text(result.status.rawValue)] + content(value.content)
                + [.integer(Int64(value.ruleIndex)), .null]
        }
    }

    private func content(_ content: CleanValue.Content) -> [SQLValue] {
        switch content {
        case .term(let name): [SQLValue(domain.termIDs[name]), .null, .null]
        case .number(let number): [.null, .real(number), .null]
        case .text(let text): [.null, .null, .text(text)]
        }
    }
}
