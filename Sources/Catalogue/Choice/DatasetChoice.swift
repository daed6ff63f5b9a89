package import SQLInterface
package import Warehouse

/// Stored data sets as a user names them: by name, or by `name@version` where several versions are stored.
package struct DatasetChoice: Sendable, Hashable {
    private let names: [String]

    /// - Parameter names: Empty for all.
    package init(_ names: [String]) { self.names = names }

    package init(_ name: String) { self.init([name]) }

    /// What holds for a row of `dataset`, as text with literals: training sets keep it in their query.
    package var text: String {
        guard !names.isEmpty else { return "1 = 1" }
        let parts = names.map { name in
            guard let at = name.lastIndex(of: "@") else { return "dataset.name = \(name.sqlLiteral)" }
            let version = String(name[name.index(after: at)...])
            // A name may hold the character itself.
            return "dataset.name = \(name.sqlLiteral) OR (dataset.name = \(String(name[..<at]).sqlLiteral) "
                + "AND dataset.version = \(version.sqlLiteral))"
        }
        return "(\(parts.joined(separator: " OR ")))"
    }

    /// What holds for a row of `dataset`.
    package var condition: SQL { SQL(raw: text) }

    /// What a user can type for one data set.
    package static func reference(name: String, version: String) -> String {
        version.isEmpty ? name : "\(name)@\(version)"
    }

    package func contains(name: String, version: String) -> Bool {
        names.isEmpty || names.contains(name) || names.contains(Self.reference(name: name, version: version))
    }

    /// Nothing would be chosen by a name that does not exist, as if all were well.
    ///
    /// **Throws** ``CatalogueError``, naming the data sets there are.
    package func check(on connection: any WarehouseConnection) async throws {
        let stored = try await connection.rows("SELECT name, version FROM dataset ORDER BY name, version").map { row in
            (name: try row.get("name", as: String.self), version: try row.get("version", as: String.self))
        }
        let unknown = names.first { name in
            !stored.contains { DatasetChoice(name).contains(name: $0.name, version: $0.version) }
        }
        guard let unknown else { return }
        let known = stored.map { Self.reference(name: $0.name, version: $0.version) }
        throw CatalogueError(
            "--dataset \(unknown)",
            known.isEmpty
                ? "the warehouse is empty; run slicehouse ingest first"
                : "there is no such data set; there are \(known.joined(separator: ", "))")
    }
}
