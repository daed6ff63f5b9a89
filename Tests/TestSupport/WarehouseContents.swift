internal import CanonicalJSON
package import SQLInterface
internal import Warehouse

/// Everything that two warehouses of the same files have in common, as `sql/checks/equal` lists it.
///
/// Values are brought to one form: booleans are 0 and 1, JSON is canonical, instants are counted. Real numbers and
/// blobs stay as they are: the engines must agree on every bit.
package struct WarehouseContents: Sendable {
    /// Rows by table, in the order of the query.
    package private(set) var tables: [String: RowSet] = [:]

    package init(of place: TestWarehouse) async throws {
        tables = try await place.open { warehouse in
            var tables: [String: RowSet] = [:]
            for query in warehouse.sqlLibrary.equalityQueries(engine: warehouse.engine) {
                let rows = try await warehouse.withConnection { try await $0.rows(try query.sql()) }
                tables[query.name] = try Self.normalised(rows)
            }
            return tables
        }
    }

    /// Row counts by table.
    package var counts: [String: Int] { tables.mapValues(\.count) }

    /// One line for each table that differs, with the first row that does; values are shown shortened.
    package func differences(from other: WarehouseContents, leavingOut columns: Set<String> = []) -> [String] {
        Set(tables.keys).union(other.tables.keys).sorted().compactMap { name in
            guard let mine = tables[name], let theirs = other.tables[name] else { return "\(name): missing" }
            return Self.difference(name, mine, theirs, leavingOut: columns)
        }
    }

    private static func difference(
        _ name: String, _ mine: RowSet, _ theirs: RowSet, leavingOut columns: Set<String>
    ) -> String? {
        guard mine.columns == theirs.columns else { return "\(name): columns \(mine.columns) and \(theirs.columns)" }
        for (index, (left, right)) in zip(mine.rows, theirs.rows).enumerated() where left != right {
            let cells = mine.columns.indices.filter {
                left[$0] != right[$0] && !columns.contains("\(name).\(mine.columns[$0])")
            }
            if let cell = cells.first {
                return "\(name): row \(index), \(mine.columns[cell]): \(short(left[cell])) and \(short(right[cell]))"
            }
        }
        return mine.count == theirs.count ? nil : "\(name): \(mine.count) and \(theirs.count) rows"
    }

    private static func short(_ value: SQLValue) -> String { String("\(value)".prefix(200)) }

    private static func normalised(_ rows: RowSet) throws -> RowSet {
        let isJSON = rows.columns.map { $0.hasSuffix("_json") }
        return RowSet(
            columns: rows.columns,
            rows: try rows.rows.map { row in
                try zip(row, isJSON).map { value, isJSON in try normalised(value, isJSON: isJSON) }
            })
    }

    private static func normalised(_ value: SQLValue, isJSON: Bool) throws -> SQLValue {
        switch value {
        case .boolean(let flag): .integer(flag ? 1 : 0)
        case .timestamp(let microseconds): .integer(microseconds)
        case .text(let text) where isJSON: .text(try JSONValue(parsing: text).text)
        default: value
        }
    }
}
