extension SQLLibrary {
    /// The names that ``query(named:engine:)`` knows: queries, views and checks.
    package func queryNames(engine: WarehouseEngine) -> [String] {
        Self.queryFolders.flatMap { files(in: $0, engine: engine).keys.sorted() }
    }

    /// A query by its name. A view's name stands for all its rows.
    ///
    /// **Throws** `queryUnknown`, suggesting the nearest names.
    package func query(named name: String, engine: WarehouseEngine) throws(WarehouseError) -> NamedQuery {
        for folder in Self.queryFolders {
            guard let path = files(in: folder, engine: engine)[name], let text = text(path) else { continue }
            return folder == "views"
                ? NamedQuery(name: name, path: path, view: name, header: text)
                : NamedQuery(name: name, path: path, text: text)
        }
        let near = Self.near(to: name, among: queryNames(engine: engine)).prefix(3).joined(separator: ", ")
        throw WarehouseError(
            code: .queryUnknown, subject: name,
            reason: "there is no query of this name" + (near.isEmpty ? "" : " (did you mean \(near)?)")
                + "; slicehouse sql --list shows all there are")
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
        near(to: name, among: candidates).first
    }

    /// Letters at the start that let two names be taken for one.
    private static let sharedStart = 5

    /// Slips by their edits; where there are none, candidates that contain the name, are part of it or begin as it does.
    private static func near(to name: String, among candidates: [String]) -> [String] {
        let slips = candidates.enumerated().map { (distance: distance(name, $1), place: $0, name: $1) }
            .filter { $0.distance <= max(2, name.count / 3) }
            .sorted { ($0.distance, $0.place) < ($1.distance, $1.place) }
        guard slips.isEmpty, !name.isEmpty else { return slips.map(\.name) }
        return candidates.filter { candidate in
            candidate.contains(name) || name.contains(candidate)
                || zip(candidate, name).prefix(while: ==).count >= sharedStart
        }
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
