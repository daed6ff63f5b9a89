/// Data sets by name, or by `name@version` where several versions are stored.
struct DatasetFilter: Sendable {
    private let names: [String]

    /// - Parameter names: Empty for all.
    init(_ names: [String]) { self.names = names }

    /// What holds for a row of `dataset`, as text with literals.
    var condition: String {
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
}
