internal import Datasets
internal import Domains
internal import SQLInterface
internal import Warehouse

/// A label whose image is not in the warehouse.
struct UnresolvedLabel: Sendable {
    let assertion: LabelAssertion
    /// The subject, with the series that the plan of the file names.
    let key: LabelKey
    let occurrence: Int
    let reason: String
}

/// Keeps labels whose image is absent until it arrives.
struct UnresolvedWriter: Sendable {
    let connection: any WarehouseConnection
    let domains: [String: RegisteredDomain]

    private static let columns = [
        "label_unresolved_id", "dataset_id", "label_source_id", "patient_key", "study_key", "series_key",
        "instance_number", "sop_instance_uid", "level", "label_domain_id", "reader_id", "occurrence", "raw_value",
        "source_file_id",
        "source_row", "reason", "ingest_run_id",
    ]

    func write(_ labels: [UnresolvedLabel], from origin: LabelOrigin) async throws {
        for start in stride(from: 0, to: labels.count, by: 5_000) {
            let page = labels[start..<min(start + 5_000, labels.count)]
            let rows = page.compactMap { label in domains[label.assertion.domain].map { row(label, $0, origin) } }
            try await connection.load(table: "label_unresolved", columns: Self.columns, rows: rows)
        }
    }

    private func row(_ label: UnresolvedLabel, _ domain: RegisteredDomain, _ origin: LabelOrigin) -> [SQLValue] {
        let assertion = label.assertion
        let subject: [SQLValue] = [
            SQLValue(label.key.patient), SQLValue(label.key.study), SQLValue(label.key.series),
            SQLValue(label.key.slice),
        ]
        // Labels without UID keep the ids that they had before there were any.
        let image: [SQLValue] = label.key.sopInstanceUID.map { [.text($0)] } ?? []
        let natural =
            [.integer(origin.sourceID)] + subject + image + [
                .integer(domain.id), .integer(origin.readerID), .integer(Int64(label.occurrence)),
            ]
        let id = ContentKey("label_unresolved", natural.map(ContentKey.Part.init(value:))).id()
        return [.integer(id), .integer(origin.datasetID), .integer(origin.sourceID)] + subject + [
            SQLValue(label.key.sopInstanceUID), .text(label.key.level.rawValue), .integer(domain.id),
            .integer(origin.readerID), .integer(Int64(label.occurrence)), .text(assertion.rawValue),
            SQLValue(origin.sourceFileID), SQLValue(assertion.row), .text(label.reason), .integer(origin.runID),
        ]
    }
}
