internal import Datasets
internal import SQLInterface
internal import Warehouse

/// Writes the labels of a large new table: ids are not looked for one by one, rows go in the order of the keys, and
/// constraints are checked once over all of them.
///
/// In PostgreSQL the table gets partitions of its own, whose indexes and foreign keys are made when they are full
/// (4.5 million rows through six foreign keys row by row: 105 s; set by set: 14 s). In SQLite the indexes are made anew
/// when the table is full.
///
/// **Throws** `uniqueViolation` where an id is another row's (once in 10⁵ such tables); `LabelWriter` settles that.
struct BulkLabelWriter: Sendable {
    let connection: any WarehouseConnection
    let domains: [String: RegisteredDomain]
    let origin: LabelOrigin
    let coreCount: Int

    /// Tables with fewer assertions go through `LabelWriter`.
    static let threshold = 10_000

    private struct Place: BitwiseCopyable, Sendable {
        let id: Int64
        let patientID: Int64
        let position: Int

        static func byID(_ first: Place, _ second: Place) -> Bool { first.id < second.id }

        static func byPatient(_ first: Place, _ second: Place) -> Bool {
            (first.patientID, first.id) < (second.patientID, second.id)
        }
    }

    /// Returns how many of the labels the rules do not understand.
    func write(_ labels: PlacedLabels, at positions: [Int]) async throws -> Int {
        guard !positions.isEmpty else { return 0 }
        var quarantined = 0
        var places = await places(of: labels, at: positions)
        let tables = BulkTables(connection: connection, source: origin.sourceID)
        try await tables.fill(["label", "label_value"], rowCount: places.count) { targets in
            var rows = LabelRows(origin: origin, domains: domains)
            // SQLite keeps the table by id, its indexes and the values by patient.
            places.sort(by: connection.engine == .sqlite && targets[0].isBare ? Place.byID : Place.byPatient)
            try await load(places, into: targets[0], columns: LabelRows.labelColumns) { place in
                labels.label(at: place.position).map { [rows.label($0, id: place.id)] } ?? []
            }
            places.sort(by: Place.byPatient)
            try await load(places, into: targets[1], columns: LabelRows.valueColumns) { place in
                labels.label(at: place.position).map { rows.values($0, id: place.id) } ?? []
            }
            quarantined = rows.quarantinedCount
        }
        return quarantined
    }

    private func load(
        _ places: [Place], into target: BulkTables.Target, columns: [String], rows: (Place) -> [[SQLValue]]
    ) async throws {
        try await PagedLoad(connection: connection, table: target.name, columns: columns).load(places, rows: rows)
    }

    /// A SHA-256 for each: the largest part of what is done here.
    private func places(of labels: PlacedLabels, at positions: [Int]) async -> [Place] {
        let rows = LabelRows(origin: origin, domains: domains)
        return await ParallelPieces(positions, count: coreCount).compactMap { position in
            let domain = labels.assertions.domain(of: position)
            guard let subject = labels.subject(of: position), rows.isKnown(domain: domain) else { return nil }
            let id = rows.id(
                subjectID: subject.id, domain: domain, occurrence: labels.assertions.occurrence(of: position))
            return Place(id: id, patientID: subject.patientID, position: position)
        }
    }
}
