internal import Datasets
internal import Domains
internal import SQLInterface
internal import Warehouse

/// Keeps labels whose image is absent until it arrives.
struct UnresolvedWriter: Sendable {
    let connection: any WarehouseConnection
    let domains: [String: RegisteredDomain]
    let origin: LabelOrigin
    /// The series that rows without one speak of.
    let reference: SeriesReference?
    let coreCount: Int
    /// Other labels of the source are stored; it may have its partition already.
    let isPartOfSource: Bool

    private static let table = "label_unresolved"
    private static let columns = [
        "label_unresolved_id", "dataset_id", "label_source_id", "patient_key", "study_key", "series_key",
        "instance_number", "sop_instance_uid", "level", "label_domain_id", "reader_id", "occurrence", "raw_value",
        "source_file_id", "source_row", "reason", "ingest_run_id",
    ]

    private struct Place: BitwiseCopyable, Sendable {
        let id: Int64
        let position: Int
    }

    /// The positions but for those of labels that wait already, whether or not their image is there now.
    ///
    /// - Parameter rows: the rows of the file of which something may wait.
    func leavingOutWaiting(_ positions: [Int], of labels: PlacedLabels, inRows rows: Set<Int>) async throws -> [Int] {
        let read = positions.compactMap { position -> Place? in
            guard let row = labels.assertions.row(of: position), rows.contains(row) else { return nil }
            return id(of: labels.assertions, at: position).map { Place(id: $0, position: position) }
        }
        var waiting: Set<Int64> = []
        for start in stride(from: 0, to: read.count, by: 500) {
            let page = read[start..<min(start + 500, read.count)].map(\.id)
            let found = try await connection.rows(
                """
                SELECT label_unresolved_id FROM label_unresolved
                WHERE label_source_id = \(origin.sourceID) AND label_unresolved_id IN \(list: page)
                """)
            for row in found { waiting.insert(try row.get("label_unresolved_id")) }
        }
        let out = Set(read.filter { waiting.contains($0.id) }.map(\.position))
        return out.isEmpty ? positions : positions.filter { !out.contains($0) }
    }

    func write(_ labels: PlacedLabels, at positions: [Int]) async throws {
        var places = await ParallelPieces(positions, count: coreCount).compactMap { position in
            id(of: labels.assertions, at: position).map { Place(id: $0, position: position) }
        }
        places.sort { $0.id < $1.id }
        if isPartOfSource || positions.count < BulkLabelWriter.threshold {
            try await load(places, of: labels, into: Self.table)
        } else {
            let tables = BulkTables(connection: connection, source: origin.sourceID)
            try await tables.fill([Self.table], rowCount: places.count) { targets in
                try await load(places, of: labels, into: targets[0].name)
            }
        }
    }

    private func load(_ places: [Place], of labels: PlacedLabels, into table: String) async throws {
        try await PagedLoad(connection: connection, table: table, columns: Self.columns).load(places) { place in
            [row(place, of: labels)]
        }
    }

    private func id(of assertions: LabelAssertions, at position: Int) -> Int64? {
        guard let domain = domains[assertions.domain(of: position)] else { return nil }
        let key = assertions.keys[assertions.keyIndex(of: position)].within(reference)
        // Labels without UID keep the ids that they had before there were any.
        let image: [ContentKey.Part] = key.sopInstanceUID.map { [.text($0)] } ?? []
        return ContentKey(
            Self.table,
            [.integer(origin.sourceID), .init(key.patient), .init(key.study), .init(key.series), .init(key.slice)]
                + image + [
                    .integer(domain.id), .integer(origin.readerID),
                    .integer(Int64(assertions.occurrence(of: position))),
                ]
        ).id()
    }

    private func row(_ place: Place, of labels: PlacedLabels) -> [SQLValue] {
        let (assertions, position) = (labels.assertions, place.position)
        let key = assertions.keys[assertions.keyIndex(of: position)].within(reference)
        return [
            .integer(place.id), .integer(origin.datasetID), .integer(origin.sourceID), SQLValue(key.patient),
            SQLValue(key.study), SQLValue(key.series), SQLValue(key.slice), SQLValue(key.sopInstanceUID),
            .text(key.level.rawValue), .integer(domains[assertions.domain(of: position)]?.id ?? 0),
            .integer(origin.readerID),
            .integer(Int64(assertions.occurrence(of: position))),
            .text(assertions.rawValue(of: position)), SQLValue(origin.sourceFileID),
            SQLValue(assertions.row(of: position)),
            SQLValue(labels.missing(at: position)), .integer(origin.runID),
        ]
    }
}
