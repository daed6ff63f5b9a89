internal import Datasets
internal import Domains
internal import SQLInterface
internal import Warehouse

/// The rows of `label` and `label_value` that assertions of one origin make.
struct LabelRows {
    let origin: LabelOrigin
    private let domains: [String: RegisteredDomain]
    private var cleaners: [String: Cleaner]
    /// Labels of which `values` made rows without a value, since a person has to decide.
    private(set) var quarantinedCount = 0

    static let labelColumns = [
        "patient_id", "label_source_id", "label_id", "label_domain_id", "reader_id", "level", "series_id", "slice_id",
        "annotation_id", "occurrence", "raw_value", "source_file_id", "source_row", "ingest_run_id",
    ]
    static let valueColumns = ValueRows.columns

    init(origin: LabelOrigin, domains: [String: RegisteredDomain]) {
        self.origin = origin
        self.domains = domains
        cleaners = domains.mapValues { Cleaner($0.ruleset) }
    }

    func isKnown(domain: String) -> Bool { domains[domain] != nil }

    func naturalKey(_ label: ResolvedLabel) -> [SQLValue] {
        [
            .integer(origin.sourceID), .integer(label.subject.id),
            .integer(domains[label.assertion.domain]?.id ?? 0), .integer(origin.readerID),
            .integer(Int64(label.occurrence)),
        ]
    }

    /// The id of a label where no other row has it.
    func id(subjectID: Int64, domain: String, occurrence: Int) -> Int64 {
        ContentKey(
            "label", .integer(origin.sourceID), .integer(subjectID), .integer(domains[domain]?.id ?? 0),
            .integer(origin.readerID), .integer(Int64(occurrence))
        ).id()
    }

    func label(_ label: ResolvedLabel, id: Int64) -> [SQLValue] {
        let subject = label.subject
        let assertion = label.assertion
        return [
            .integer(subject.patientID), .integer(origin.sourceID), .integer(id),
            .integer(domains[assertion.domain]?.id ?? 0), .integer(origin.readerID), .text(subject.level.rawValue),
            subject.level == .series ? SQLValue(subject.seriesID) : .null,
            subject.level == .slice ? SQLValue(subject.sliceID) : .null,
            subject.level == .annotation ? SQLValue(subject.annotationID) : .null,
            .integer(Int64(label.occurrence)), .text(assertion.rawValue), SQLValue(origin.sourceFileID),
            SQLValue(assertion.row), .integer(origin.runID),
        ]
    }

    mutating func values(_ label: ResolvedLabel, id: Int64) -> [[SQLValue]] {
        guard let domain = domains[label.assertion.domain],
            let result = cleaners[label.assertion.domain]?.clean(label.assertion.rawValue)
        else { return [] }
        if result.status == .quarantined { quarantinedCount += 1 }
        return ValueRows(result, domain: domain).rows(
            patientID: label.subject.patientID, sourceID: origin.sourceID, labelID: id)
    }
}
