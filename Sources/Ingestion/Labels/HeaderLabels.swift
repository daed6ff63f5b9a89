internal import DICOM
internal import Datasets
internal import Domains
internal import SQLInterface
internal import Warehouse

/// Makes labels of header attributes, as the key `attributes:` of a vocabulary says.
///
/// The answers follow the headers: a series that grew, or another list of attributes, replaces what no longer stands.
/// One label a series at level series (several where its slices say different things), one a slice at level slice. The
/// raw value is the header's text; an attribute that is there without a value gives an empty label, an absent one none.
struct HeaderLabels: Sendable {
    let connection: any WarehouseConnection
    let clock: @Sendable () -> SQLTimestamp

    /// What changed, by domain.
    struct Changes: Sendable {
        var added: [String: Int] = [:]
        var removed: [String: Int] = [:]

        var addedCount: Int { added.values.reduce(0, +) }

        mutating func merge(_ other: Changes) {
            added.merge(other.added, uniquingKeysWith: +)
            removed.merge(other.removed, uniquingKeysWith: +)
        }
    }

    private static let pageSize = 400

    /// - Parameters:
    ///   - runID: Only series whose latest revision this run stored; `nil` for all.
    ///   - isPreview: Changes are counted and not made.
    func refresh(
        _ vocabulary: Vocabulary, fileName: String, runID: Int64? = nil, isPreview: Bool = false
    ) async throws -> Changes {
        let rules = try HeaderRule.rules(of: vocabulary)
        guard !rules.isEmpty else { return Changes() }
        var changes = Changes()
        let filter: SQL = runID.map { "series.ingest_run_id = \($0)" } ?? "1 = 1"
        let datasets = try await connection.rows(
            """
            SELECT DISTINCT patient.dataset_id FROM series JOIN patient ON patient.patient_id = series.patient_id
            WHERE \(sql: filter) ORDER BY patient.dataset_id
            """)
        for dataset in datasets {
            changes.merge(
                try await refresh(
                    rules, vocabulary, fileName, datasetID: try dataset.get("dataset_id"), filter: filter,
                    isPreview: isPreview))
        }
        return changes
    }

    private func refresh(
        _ rules: [HeaderRule], _ vocabulary: Vocabulary, _ fileName: String, datasetID: Int64, filter: SQL,
        isPreview: Bool
    ) async throws -> Changes {
        let series = try await connection.rows(
            """
            SELECT series.series_id FROM series JOIN patient ON patient.patient_id = series.patient_id
            WHERE patient.dataset_id = \(datasetID) AND series.role <> 'mask' AND \(sql: filter)
            ORDER BY series.series_id
            """)
        let ids = try series.map { try $0.get("series_id", as: Int64.self) }
        var changes = Changes()
        for start in stride(from: 0, to: ids.count, by: Self.pageSize) {
            let page = Array(ids[start..<min(start + Self.pageSize, ids.count)])
            let wanted = try await HeaderAnswers(connection: connection, rules: rules).answers(ofSeries: page)
            let writer = HeaderLabelWriter(connection: connection, clock: clock, datasetID: datasetID)
            changes.merge(
                try await writer.bring(
                    page, to: wanted, vocabulary: vocabulary, fileName: fileName, isPreview: isPreview))
        }
        return changes
    }
}

/// A domain that headers feed: its attributes in order of choice.
struct HeaderRule: Sendable {
    let domain: LabelDomain
    let level: LabelLevel
    /// Where they are in a header, by the name under which the vocabulary lists them.
    let keys: [String: DICOMPath.Key]

    /// **Throws** `vocabulary` for an attribute that is no keyword, tag or path, and for a domain of other levels.
    static func rules(of vocabulary: Vocabulary) throws -> [HeaderRule] {
        try vocabulary.domains.filter { !$0.attributes.isEmpty }.map { domain in
            guard let level = [LabelLevel.series, .slice].first(where: domain.levels.contains) else {
                throw problem(
                    vocabulary, "attributes feed domains of level series or slice, and \(domain.name) is neither")
            }
            var keys: [String: DICOMPath.Key] = [:]
            for attribute in domain.attributes {
                guard let key = (try? DICOMPath(attribute))?.key else {
                    throw problem(
                        vocabulary,
                        "\(attribute) of the domain \(domain.name) is no keyword, (gggg,eeee), (gggg,\"CREATOR\",ee) "
                            + "of an odd group, or path of them")
                }
                keys[attribute] = key
            }
            return HeaderRule(domain: domain, level: level, keys: keys)
        }
    }

    private static func problem(_ vocabulary: Vocabulary, _ reason: String) -> IngestionError {
        IngestionError(code: .vocabulary, subject: vocabulary.name, reason: reason)
    }
}
