import Foundation

/// A folder of a test, removed when the test ends.
final class TemporaryFolder {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "slicehouse-phantom-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    /// A subfolder that does not exist yet.
    func new(_ name: String) -> String { path + "/" + name }

    func bytes(_ name: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(fileURLWithPath: path + "/" + name)))
    }

    func text(_ name: String) throws -> String { String(decoding: try bytes(name), as: UTF8.self) }

    /// Paths of all files below a subfolder, relative to it, sorted.
    func files(below name: String) throws -> [String] {
        let root = path + "/" + name
        return try FileManager.default.subpathsOfDirectory(atPath: root).filter { file in
            var isFolder: ObjCBool = false
            _ = unsafe FileManager.default.fileExists(atPath: root + "/" + file, isDirectory: &isFolder)
            return !isFolder.boolValue
        }.sorted()
    }
}
