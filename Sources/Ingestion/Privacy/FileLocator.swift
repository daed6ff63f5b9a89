internal import Datasets

/// Finds clinical files again whose names are stored as tokens only: whoever has the folder and the key can.
package struct FileLocator: Sendable {
    private let pathByToken: [String: String]

    /// Walks the folder and computes the token of every path.
    ///
    /// **Throws** `pseudonymKey`, `notFound`.
    package init(folder: String, environment: [String: String]) throws {
        let (pseudonymizer, _) = try PseudonymKeyFile(environment: environment).open()
        let target = try IngestTarget(path: folder)
        var walker = try DirectoryWalker(root: target.root)
        var found: [String: String] = [:]
        while let entry = walker.next() {
            if entry.kind != .folder { found[pseudonymizer.pathToken(entry.relativePath)] = entry.relativePath }
        }
        pathByToken = found
    }

    package func path(of token: String) -> String? { pathByToken[token] }
}
