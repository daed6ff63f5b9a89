internal import Foundation

/// The files of SQL that belong to the program: migrations, views, checks and named queries.
///
/// They are read at run time from `SLICEHOUSE_HOME`, else from `share/slicehouse` beside the program's folder, else
/// from the source tree. Their names and digests are compiled in, so that a program never runs SQL of another version.
package struct SQLLibrary: Sendable {
    /// The folder that holds `migrations/` and `sql/`.
    package let home: String
    private let textByPath: [String: String]
    private let sha256ByPath: [String: String]

    /// Reads the library from a folder and compares each file with its digest.
    ///
    /// - Parameter sha256ByPath: Path below `home` → SHA-256 in hexadecimal; the compiled list by default.
    /// **Throws** `sqlFolderMissing`, `sqlFileMissing`, `sqlFileChanged`, `sqlFileUnknown`, each naming the file.
    package init(home: String, sha256ByPath: [String: String] = SQLManifest.sha256ByPath) throws(WarehouseError) {
        let found = try Self.files(below: home)
        for path in found.sorted() where sha256ByPath[path] == nil {
            throw WarehouseError(
                code: .sqlFileUnknown, subject: path,
                reason: "this program does not know the file; remove it from \(home), or rebuild with sql/manifest.sh")
        }
        var texts: [String: String] = [:]
        for (path, sha256) in sha256ByPath.sorted(by: { $0.key < $1.key }) {
            texts[path] = try Self.read(path, home: home, sha256: sha256)
        }
        self.home = home
        self.sha256ByPath = sha256ByPath
        textByPath = texts
    }

    /// Finds the library; see the type for where it looks.
    package static func locate() throws(WarehouseError) -> SQLLibrary {
        try locate(
            environmentHome: ProcessInfo.processInfo.environment["SLICEHOUSE_HOME"],
            executable: executablePath(), sourceTree: sourceTree)
    }

    static func locate(
        environmentHome: String?, executable: String?, sourceTree: String?
    ) throws(WarehouseError) -> SQLLibrary {
        // A home that was named is used or refused; only the other places are tried in turn.
        if let environmentHome, !environmentHome.isEmpty { return try SQLLibrary(home: environmentHome) }
        let beside = executable.map { URL(filePath: $0).deletingLastPathComponent().deletingLastPathComponent() }
        let places = [beside?.appending(path: "share/slicehouse").path(percentEncoded: false), sourceTree]
        for place in places.compactMap(\.self) where isDirectory(place + "/migrations") {
            return try SQLLibrary(home: place)
        }
        throw WarehouseError(
            code: .sqlFolderMissing, subject: "slicehouse",
            reason: "its files of SQL were not found; run make install, or set SLICEHOUSE_HOME to their folder")
    }

    /// The text of a file; nil when the library has none of that path.
    package func text(_ path: String) -> String? { textByPath[path] }

    /// The digest of a file in hexadecimal.
    package func sha256(_ path: String) -> String? { sha256ByPath[path] }

    /// All paths below a folder, sorted.
    package func paths(below folder: String) -> [String] {
        textByPath.keys.filter { $0.hasPrefix(folder + "/") }.sorted()
    }

    /// The files of one folder of `sql/` by name, those of `sql/<engine>/` in place of the common ones.
    func files(in folder: String, engine: WarehouseEngine) -> [String: String] {
        var result: [String: String] = [:]
        for root in ["sql/\(folder)/", "sql/\(engine.rawValue)/\(folder)/"] {
            for path in textByPath.keys where path.hasPrefix(root) {
                let name = path.dropFirst(root.count)
                if !name.contains("/") { result[String(name.dropLast(".sql".count))] = path }
            }
        }
        return result
    }

    // MARK: Reading

    private static func files(below home: String) throws(WarehouseError) -> [String] {
        guard isDirectory(home + "/migrations"), isDirectory(home + "/sql") else {
            throw WarehouseError(
                code: .sqlFolderMissing, subject: home,
                reason: "the folder holds no migrations/ and sql/; set SLICEHOUSE_HOME to the one that does")
        }
        return ["migrations", "sql"].flatMap { root in
            // An enumerator does not follow a folder that is a symbolic link.
            let folder = URL(filePath: home + "/" + root).resolvingSymlinksInPath().path(percentEncoded: false)
            return (FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? [])
                .filter { $0.hasSuffix(".sql") }.map { root + "/" + $0 }
        }
    }

    private static func read(_ path: String, home: String, sha256: String) throws(WarehouseError) -> String {
        guard let data = FileManager.default.contents(atPath: home + "/" + path) else {
            throw WarehouseError(
                code: .sqlFileMissing, subject: path,
                reason: "the file is missing from \(home) or unreadable; install slicehouse again")
        }
        guard FileDigest.hex(FileDigest.sha256(Array(data))) == sha256 else {
            throw WarehouseError(
                code: .sqlFileChanged, subject: path,
                reason: "the file is not the one this program was built with; install again, or run sql/manifest.sh "
                    + "and rebuild after an edit")
        }
        return String(decoding: data, as: UTF8.self)
    }

    private static func isDirectory(_ path: String) -> Bool {
        var isDirectory: ObjCBool = false
        return unsafe FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) && isDirectory.boolValue
    }

    private static func executablePath() -> String? {
        try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    }

    /// Where the program was compiled: `Sources/Warehouse/SQLLibrary.swift` is three levels down.
    static let sourceTree: String? = {
        let parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
        return parts.count > 3 ? parts.dropLast(3).joined(separator: "/") : nil
    }()
}
