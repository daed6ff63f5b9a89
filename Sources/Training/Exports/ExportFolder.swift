internal import CanonicalJSON
internal import Foundation
internal import ImageFiles
internal import Warehouse

/// A folder that appears under its name when it is whole, with a manifest of what is in it.
final class ExportFolder {
    struct File {
        let path: String
        let byteCount: Int
        let sha256: String
    }

    let path: String
    private let partial: String
    private(set) var files: [File] = []
    private var isFinished = false

    /// Begins the folder; what an interrupted run left behind is removed.
    ///
    /// **Throws** `exists` where something stands there that no export made, `inputOutput`.
    init(_ path: String) throws(TrainingError) {
        self.path = path
        partial = path + ".partial"
        let manager = FileManager.default
        if manager.fileExists(atPath: path), !manager.fileExists(atPath: path + "/manifest.json"),
            (try? manager.contentsOfDirectory(atPath: path).isEmpty) != true
        {
            throw ExportFolder.foreign(path)
        }
        try? manager.removeItem(atPath: partial)
        do { try manager.createDirectory(atPath: partial, withIntermediateDirectories: true) } catch {
            throw TrainingError(.inputOutput, path, "the folder cannot be made; check its parent and the free space")
        }
    }

    /// Something stands there that no export or bake made.
    static func foreign(_ path: String) -> TrainingError {
        TrainingError(.exists, path, "something stands there that is no export; name another folder")
    }

    deinit {
        if !isFinished { try? FileManager.default.removeItem(atPath: partial) }
    }

    func write(_ bytes: [UInt8], to name: String) throws {
        let output = try open(name)
        try output.write(bytes)
        try output.finish()
    }

    /// A file that is written piece by piece.
    func open(_ name: String) throws -> ExportFile {
        let place = partial + "/" + name
        let parent = URL(filePath: place).deletingLastPathComponent()
        do {
            try FileManager.default.createDirectory(at: parent, withIntermediateDirectories: true)
            return ExportFile(try AtomicOutput(path: place)) { [weak self] count, digest in
                self?.files.append(File(path: name, byteCount: count, sha256: FileDigest.hex(digest)))
            }
        } catch {
            throw TrainingError(.inputOutput, name, "it cannot be written; check the folder and the free space")
        }
    }

    /// Writes `manifest.json` and gives the folder its name; an earlier export of that name goes.
    func finish(_ manifest: [String: JSONValue]) throws {
        var members = manifest
        members["files"] = .array(
            files.map { ["path": .string($0.path), "bytes": .integer($0.byteCount), "sha256": .string($0.sha256)] })
        try write(Array((JSONValue.object(members).text + "\n").utf8), to: "manifest.json")
        try FolderMark.mark(partial)
        let manager = FileManager.default
        let earlier = path + ".earlier"
        try? manager.removeItem(atPath: earlier)
        if manager.fileExists(atPath: path) { try? manager.moveItem(atPath: path, toPath: earlier) }
        do { try manager.moveItem(atPath: partial, toPath: path) } catch {
            try? manager.moveItem(atPath: earlier, toPath: path)
            throw TrainingError(.inputOutput, path, "the folder cannot take its name; look what stands in its place")
        }
        isFinished = true
        try? manager.removeItem(atPath: earlier)
    }
}

/// One file of an export; its digest is taken on the way.
final class ExportFile {
    private let output: AtomicOutput
    private let done: (Int, [UInt8]) -> Void
    private var hash = RunningDigest()
    private(set) var byteCount = 0

    init(_ output: AtomicOutput, done: @escaping (Int, [UInt8]) -> Void) {
        self.output = output
        self.done = done
    }

    func write(_ bytes: [UInt8]) throws {
        do { try output.write(bytes) } catch {
            throw TrainingError(.inputOutput, "export", "a file cannot be written (\(error.reason))")
        }
        hash.add(bytes)
        byteCount += bytes.count
    }

    func finish() throws {
        do { try output.finish() } catch {
            throw TrainingError(.inputOutput, "export", "a file cannot be written (\(error.reason))")
        }
        done(byteCount, hash.finish())
    }
}
