import Datasets

/// A listing of paths that exist in name only.
struct ListingOfPaths: FileListing {
    let paths: [String]
    /// Contents by path; files that are not here are empty.
    var texts: [String: String] = [:]
    /// Contents that are no UTF-8.
    var bytes: [String: [UInt8]] = [:]

    func folders(named name: String) async throws -> [String] {
        var found: Set<String> = []
        for path in paths {
            let parts = path.split(separator: "/")
            for index in parts.indices.dropLast() where parts[index] == name {
                found.insert(parts[...index].joined(separator: "/"))
            }
        }
        return found.sorted()
    }

    func files(in folder: String, recursive: Bool) async throws -> [SourceFile] {
        paths.sorted().enumerated().compactMap { index, path in
            let file = SourceFile(number: index + 1, relativePath: path)
            guard let below = folder.isEmpty ? path.split(separator: "/") : file.components(below: folder),
                recursive || below.count == 1
            else { return nil }
            return file
        }
    }

    func files(withExtension fileExtension: String) async throws -> [SourceFile] {
        try await files(in: "", recursive: true).filter { $0.fileExtension == fileExtension }
    }

    func file(at relativePath: String) async throws -> SourceFile? {
        try await files(in: "", recursive: true).first { $0.relativePath == relativePath }
    }

    func contents(of file: SourceFile, limit: Int?) async throws -> [UInt8] {
        let contents = bytes[file.relativePath] ?? Array((texts[file.relativePath] ?? "").utf8)
        return Array(contents.prefix(limit ?? .max))
    }
}
