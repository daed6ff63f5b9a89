internal import Foundation

/// A folder that is removed when the test lets go of it.
package final class TemporaryFolder: Sendable {
    package let path: String

    package convenience init() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "slicehouse-test-\(UUID().uuidString)")
        try self.init(path: folder.path(percentEncoded: false))
    }

    package init(path wanted: String) throws {
        let url = URL(filePath: wanted)
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        // Programs store resolved paths; a test that compares them should hold one too.
        path = url.resolvingSymlinksInPath().path(percentEncoded: false)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    /// The path of a name below the folder.
    package func path(_ name: String) -> String { path + "/" + name }

    package func write(_ text: String, to name: String) throws {
        try write(Array(text.utf8), to: name)
    }

    package func write(_ bytes: [UInt8], to name: String) throws {
        let url = URL(filePath: path(name))
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(bytes).write(to: url)
    }

    package func read(_ name: String) throws -> [UInt8] {
        try Array(Data(contentsOf: URL(filePath: path(name))))
    }

    package func makeFolder(_ name: String) throws {
        try FileManager.default.createDirectory(atPath: path(name), withIntermediateDirectories: true)
    }

    package func copy(_ source: String, to name: String) throws {
        let target = URL(filePath: path(name))
        try FileManager.default.createDirectory(
            at: target.deletingLastPathComponent(), withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: source, toPath: path(name))
    }

    package func move(_ name: String, to other: String) throws {
        let target = URL(filePath: path(other))
        try FileManager.default.createDirectory(
            at: target.deletingLastPathComponent(), withIntermediateDirectories: true)
        try FileManager.default.moveItem(atPath: path(name), toPath: path(other))
    }

    package func link(_ name: String, to target: String) throws {
        try FileManager.default.createSymbolicLink(atPath: path(name), withDestinationPath: target)
    }

    package func remove(_ name: String) throws {
        try FileManager.default.removeItem(atPath: path(name))
    }

    /// Paths of all files below the folder, relative to it, in byte order.
    package func files(below name: String = "") -> [String] {
        let root = name.isEmpty ? path : path(name)
        let names = FileManager.default.enumerator(atPath: root)?.compactMap { $0 as? String } ?? []
        return names.filter { item in
            var isFolder: ObjCBool = false
            return unsafe FileManager.default.fileExists(atPath: root + "/" + item, isDirectory: &isFolder)
                && !isFolder.boolValue
        }.map { name.isEmpty ? $0 : name + "/" + $0 }.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }
}
