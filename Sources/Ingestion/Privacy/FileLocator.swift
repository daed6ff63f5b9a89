internal import Datasets

/// Finds files again by what is stored of their folder and path: whoever has the folder and, for clinical data, the key
/// can.
///
/// The folder may be the one that was ingested, one above it or one below it. Where it was moved since, or is mounted
/// elsewhere, a path counts that fits one file only.
package struct FileLocator: Sendable {
    /// A file as `source_file` has it.
    package struct StoredPath: Sendable, Hashable {
        package let root: String
        package let path: String

        package init(root: String, path: String) {
            self.root = root
            self.path = path
        }
    }

    /// Paths below the folder.
    private var found: [StoredPath: String] = [:]
    /// By the stored path alone: all that fit.
    private var fitting: [String: Set<String>] = [:]

    /// Walks the folder and compares every path, below each folder on its way, with what is looked for.
    ///
    /// **Throws** `pseudonymKey`, `notFound`.
    package init(
        folder: String, lookingFor wanted: some Sequence<StoredPath>, environment: [String: String]
    ) throws {
        let key = PseudonymKeyFile(environment: environment)
        let search = Search(wanted, pseudonymizer: key.exists || key.isNamed ? try key.open().pseudonymizer : nil)
        let target = try IngestTarget(path: folder)
        let above = Self.foldersAbove(target.root)
        var walker = try DirectoryWalker(root: target.root)
        while let entry = walker.next() {
            if entry.kind == .folder { continue }
            for (root, path) in Self.views(of: entry.relativePath, in: target.root, above: above) {
                for stored in search.paths(path) {
                    fitting[stored, default: []].insert(entry.relativePath)
                    for name in search.roots(root) {
                        found[StoredPath(root: name, path: stored)] = entry.relativePath
                    }
                }
            }
        }
    }

    /// Below the folder that was named.
    package func path(of stored: StoredPath) -> String? {
        if let path = found[stored] { return path }
        return fitting[stored.path].flatMap { $0.count == 1 ? $0.first : nil }
    }

    /// The file as an ingest of each folder above it would name it: that folder, and the path below it.
    private static func views(
        of path: String, in folder: String, above: [String]
    ) -> [(root: String, path: String)] {
        let parts = path.split(separator: "/")
        let inside = parts.indices.map { depth in
            let root = ([folder] + parts[..<depth].map(String.init)).joined(separator: "/")
            return (root, parts[depth...].joined(separator: "/"))
        }
        let outside = above.map { root in
            (root, folder.dropFirst(root == "/" ? 1 : root.count + 1) + "/" + path)
        }
        return inside + outside
    }

    /// `/a/b/c` lies below `/a/b`, `/a` and `/`.
    private static func foldersAbove(_ folder: String) -> [String] {
        let parts = folder.split(separator: "/")
        return parts.indices.reversed().map { "/" + parts[..<$0].joined(separator: "/") }
    }
}

/// What is looked for, as names or as tokens of them.
private struct Search {
    private let wantedRoots: Set<String>
    private let wantedPaths: Set<String>
    private let pseudonymizer: Pseudonymizer?

    init(_ wanted: some Sequence<FileLocator.StoredPath>, pseudonymizer: Pseudonymizer?) {
        wantedRoots = Set(wanted.map(\.root))
        wantedPaths = Set(wanted.map(\.path))
        self.pseudonymizer = pseudonymizer
    }

    func roots(_ root: String) -> [String] { stored(root, in: wantedRoots) }
    func paths(_ path: String) -> [String] { stored(path, in: wantedPaths) }

    private func stored(_ name: String, in wanted: Set<String>) -> [String] {
        [name, pseudonymizer?.pathToken(name)].compactMap(\.self).filter(wanted.contains)
    }
}
