import Foundation

/// The files of this repository, found from where the tests were compiled.
enum Repository {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    static func text(_ path: String) throws -> String {
        String(decoding: try Data(contentsOf: root.appending(path: path)), as: UTF8.self)
    }

    static func exists(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: root.appending(path: path).path)
    }

    /// Relative paths of the files below a folder, sorted.
    static func files(below folder: String, suffix: String) throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: root.appending(path: folder).path)
            .filter { $0.hasSuffix(suffix) }.map { folder + "/" + $0 }.sorted()
    }

    /// What people read: the README, the change log, everything in `docs/` and the READMEs of other folders.
    static func documents() throws -> [MarkdownDocument] {
        let others = ["README.md", "CHANGELOG.md", "sql/README.md", "etl/vocabularies/README.md"]
        return try (others + files(below: "docs", suffix: ".md")).map(MarkdownDocument.init(path:))
    }
}
