/// A file `sql/views/name.sql`, which creates the view of its name.
struct ViewFile: Sendable, Hashable {
    let name: String
    let path: String
    let sha256: String
    let text: String
    /// The views that must exist before, from the header's `-- depends:` line.
    let dependencies: [String]

    /// The views of an engine, each after those it depends on, else by name.
    ///
    /// **Throws** `viewCycle` when views depend on each other in a circle or on one that does not exist.
    static func all(in library: SQLLibrary, engine: WarehouseEngine) throws(WarehouseError) -> [ViewFile] {
        var waiting = library.files(in: "views", engine: engine).sorted { $0.key < $1.key }.map { name, path in
            let text = library.text(path) ?? ""
            return ViewFile(
                name: name, path: path, sha256: library.sha256(path) ?? "", text: text,
                dependencies: dependencies(in: text))
        }
        var ordered: [ViewFile] = []
        while !waiting.isEmpty {
            let known = Set(ordered.map(\.name))
            guard let index = waiting.firstIndex(where: { known.isSuperset(of: $0.dependencies) }) else {
                throw WarehouseError(
                    code: .viewCycle, subject: waiting.map(\.name).joined(separator: ", "),
                    reason: "these views depend on each other or on a view that does not exist; correct their depends "
                        + "lines")
            }
            ordered.append(waiting.remove(at: index))
        }
        return ordered
    }

    private static func dependencies(in text: String) -> [String] {
        text.split(separator: "\n").filter { $0.hasPrefix("-- depends:") }.flatMap { line in
            line.dropFirst("-- depends:".count).split { $0 == "," || $0 == " " }.map(String.init)
        }
    }
}
