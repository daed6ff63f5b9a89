extension SQLLibrary {
    /// The names that ``query(named:engine:)`` knows: queries, views and checks.
    package func queryNames(engine: WarehouseEngine) -> [String] {
        Self.queryFolders.flatMap { files(in: $0, engine: engine).keys.sorted() }
    }

    /// A query by its name. A view's name stands for all its rows.
    ///
    /// **Throws** `queryUnknown`, suggesting the nearest name.
    package func query(named name: String, engine: WarehouseEngine) throws(WarehouseError) -> NamedQuery {
        for folder in Self.queryFolders {
            guard let path = files(in: folder, engine: engine)[name], let text = text(path) else { continue }
            return folder == "views"
                ? NamedQuery(name: name, path: path, view: name, header: text)
                : NamedQuery(name: name, path: path, text: text)
        }
        let nearest = Self.nearest(to: name, among: queryNames(engine: engine))
        throw WarehouseError(
            code: .queryUnknown, subject: name,
            reason: "there is no query of this name" + (nearest.map { "; did you mean \($0)?" } ?? ""))
    }

    /// The queries that return offending rows, by name.
    package func checks(engine: WarehouseEngine) -> [NamedQuery] {
        queries(in: "checks", engine: engine)
    }

    /// The queries that return odd data, each row of which becomes a finding.
    package func qualityChecks(engine: WarehouseEngine) -> [NamedQuery] {
        queries(in: "checks/quality", engine: engine)
    }

    /// The queries that list a table's compared columns, by table.
    package func equalityQueries(engine: WarehouseEngine) -> [NamedQuery] {
        queries(in: "checks/equal", engine: engine)
    }

    private static let queryFolders = ["queries", "views", "checks", "checks/quality"]

    private func queries(in folder: String, engine: WarehouseEngine) -> [NamedQuery] {
        files(in: folder, engine: engine).sorted { $0.key < $1.key }.compactMap { name, path in
            text(path).map { NamedQuery(name: name, path: path, text: $0) }
        }
    }

    /// The candidate with the fewest edits, if they are few enough to be a slip.
    package static func nearest(to name: String, among candidates: [String]) -> String? {
        let ranked = candidates.map { (distance: distance(name, $0), name: $0) }.min { $0.distance < $1.distance }
        guard let ranked, ranked.distance <= max(2, name.count / 3) else {
            return candidates.first { !name.isEmpty && ($0.contains(name) || name.contains($0)) }
        }
        return ranked.name
    }

    /// Levenshtein distance.
    private static func distance(_ left: String, _ right: String) -> Int {
        let (left, right) = (Array(left), Array(right))
        var row = Array(0...right.count)
        for (index, character) in left.enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for (column, other) in right.enumerated() {
                let substituted = diagonal + (character == other ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = min(substituted, min(row[column], diagonal) + 1)
            }
        }
        return row[right.count]
    }
}
