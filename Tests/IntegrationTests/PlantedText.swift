import SQLInterface
import TestSupport
import Warehouse

/// Strings that were planted where a file names people, and a search for them in a whole warehouse.
struct PlantedText {
    let needles: [String]

    init(_ needles: [String]) { self.needles = needles }

    struct Find: Equatable {
        let needle: String
        let place: String
    }

    /// Every column of every table of the warehouse that holds a needle, whatever its type.
    func finds(in place: TestWarehouse) async throws -> [Find] {
        try await place.open { warehouse in
            try await warehouse.withConnection { connection in
                var finds: [Find] = []
                for table in try await Self.tables(on: connection) {
                    let rows = try await connection.rows("SELECT * FROM \(identifier: table)")
                    finds += search(rows, table: table)
                }
                return finds
            }
        }
    }

    private static func tables(on connection: any WarehouseConnection) async throws -> [String] {
        let list: SQL =
            switch connection.engine {
            case .sqlite: "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY 1"
            case .postgresql:
                "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = current_schema() AND table_type = 'BASE TABLE' ORDER BY 1"
            }
        return try await connection.rows(list).map { try $0.get("name") }
    }

    private func search(_ rows: RowSet, table: String) -> [Find] {
        var found: [Find] = []
        for row in rows.rows {
            for (column, value) in zip(rows.columns, row) {
                let bytes: [UInt8] =
                    switch value {
                    case .text(let text): Array(text.utf8)
                    case .blob(let bytes): bytes
                    case .integer(let number): Array("\(number)".utf8)
                    default: []
                    }
                for needle in needles where bytes.contains(needle.utf8) {
                    let find = Find(needle: needle, place: "\(table).\(column)")
                    if !found.contains(find) { found.append(find) }
                }
            }
        }
        return found
    }
}

extension [UInt8] {
    func contains(_ text: String.UTF8View) -> Bool {
        let needle = Array(text)
        guard count >= needle.count else { return false }
        return indices.dropLast(needle.count - 1).contains { start in
            self[start] == needle[0] && self[start..<start + needle.count].elementsEqual(needle)
        }
    }
}
