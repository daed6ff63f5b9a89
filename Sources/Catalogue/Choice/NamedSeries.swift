internal import SQLInterface
package import Warehouse

/// A stored series that a user named, by series_id or Series Instance UID.
package struct NamedSeries: Sendable, Equatable {
    package let seriesID: Int64
    /// `image`, `mask`, `localizer` or `object`.
    package let role: String
    /// The series was named by its id, or holds the images of this UID that came first.
    package let isChief: Bool

    /// The series of this name, in order of id. A UID may belong to several: variants, and masks that came with it.
    ///
    /// - Parameter option: What the user typed before the name, such as `--series`.
    /// **Throws** ``CatalogueError`` where there is none.
    package static func find(
        _ name: String, option: String = "series", on connection: any WarehouseConnection
    ) async throws -> [NamedSeries] {
        let id = Int64(name) ?? -1
        let rows = try await connection.rows(
            """
            SELECT series_id, role,
                CASE WHEN series_id = \(id) OR (role = 'image' AND conflict_of IS NULL) THEN 1 ELSE 0 END AS is_chief
            FROM series WHERE series_id = \(id) OR series_instance_uid = \(name)
            ORDER BY series_id
            """)
        guard !rows.isEmpty else {
            throw CatalogueError(
                "\(option) \(name)",
                "there is no such series_id or Series Instance UID; slicehouse series lists what is stored")
        }
        return try rows.map { row in
            NamedSeries(
                seriesID: try row.get("series_id"), role: try row.get("role"),
                isChief: try row.get("is_chief", as: Int.self) == 1)
        }
    }

    /// The ids that the names mean, each once and in their order: of a UID the images that came first, where it has any.
    ///
    /// **Throws** ``CatalogueError`` for a name without a series.
    package static func ids(
        _ names: [String], option: String = "series", on connection: any WarehouseConnection
    ) async throws -> [Int64] {
        var ids: [Int64] = []
        for name in names {
            let found = try await find(name, option: option, on: connection)
            let chief = found.filter(\.isChief)
            ids += (chief.isEmpty ? found : chief).map(\.seriesID).filter { !ids.contains($0) }
        }
        return ids
    }
}
