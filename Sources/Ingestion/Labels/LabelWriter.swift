internal import Datasets
internal import SQLInterface
internal import Warehouse

/// Writes labels and the values that the rules derive from them, looking for every id whether another row has it.
struct LabelWriter: Sendable {
    let connection: any WarehouseConnection
    let domains: [String: RegisteredDomain]

    private static let pageSize = 5_000

    struct Written: Sendable {
        /// Of the labels that were added.
        var ids: [Int64] = []
        /// How many of them the rules do not understand.
        var quarantined = 0
    }

    /// Adds labels, by the thousand.
    ///
    /// - Parameter leavingOutStored: some of the labels may be there already.
    func write(
        _ labels: some RandomAccessCollection<ResolvedLabel>, from origin: LabelOrigin, leavingOutStored: Bool = false
    ) async throws -> Written {
        var rows = LabelRows(origin: origin, domains: domains)
        var added: [Int64] = []
        var rest = labels[...]
        while !rest.isEmpty {
            let page = rest.prefix(Self.pageSize).filter { rows.isKnown(domain: $0.assertion.domain) }
            rest = rest.dropFirst(Self.pageSize)
            let keys = page.map { rows.naturalKey($0) }
            let places = try await KeyResolver(connection: connection).places(
                keys, in: .label, of: Set(page.map(\.subject.patientID)))
            let new = zip(page, keys).compactMap { label, key in places[key].map { (label, $0) } }
                .filter { !leavingOutStored || !$0.1.isStored }.map { ($0.0, id: $0.1.id) }
            try await connection.load(
                table: "label", columns: LabelRows.labelColumns, rows: new.map { rows.label($0, id: $1) })
            try await connection.load(
                table: "label_value", columns: LabelRows.valueColumns, rows: new.flatMap { rows.values($0, id: $1) })
            added += new.map(\.id)
        }
        return Written(ids: added, quarantined: rows.quarantinedCount)
    }
}
