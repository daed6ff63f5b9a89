internal import SQLInterface
internal import Warehouse

/// Rows that are made page by page, the next page while the database takes the last one.
struct PagedLoad: Sendable {
    let connection: any WarehouseConnection
    let table: String
    let columns: [String]

    private static let pageSize = 20_000

    /// - Parameter rows: the rows of an element.
    func load<Element: Sendable>(
        _ elements: some RandomAccessCollection<Element> & Sendable, rows: (Element) -> [[SQLValue]]
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            var rest = elements[...]
            while !rest.isEmpty {
                let page = rest.prefix(Self.pageSize).flatMap(rows)
                rest = rest.dropFirst(Self.pageSize)
                try await group.next()
                group.addTask { try await connection.load(table: table, columns: columns, rows: page) }
            }
            try await group.next()
        }
    }
}
