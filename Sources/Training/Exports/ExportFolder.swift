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

    /// As it was named, for sentences.
    let path: String
    /// Where it is: a link stays a link.
    private let place: String
    private let partial: String
    private(set) var files: [File] = []
    private var isFinished = false

    /// Begins the folder; what an interrupted run left behind is removed.
    ///
    /// **Throws** `exists` where something stands there that no export made, or lies in what one made; `inputOutput`.
    init(_ path: String) throws(TrainingError) {
        self.path = path
        place = try Self.target(of: path)
        partial = place + ".partial"
        let manager = FileManager.default
        if manager.fileExists(atPath: place), (try? manager.contentsOfDirectory(atPath: place).isEmpty) != true {
            let strangers = try Self.strangers(in: place, named: path)
            if let first = strangers.first {
                let others = strangers.count == 1 ? "is" : "and \(strangers.count - 1) more are"
                throw TrainingError(
                    .exists, path,
                    "\(first) \(others) not of the export that stands there and would be deleted with it; move what is "
                        + "yours away, or name another folder")
            }
        }
        try? manager.removeItem(atPath: partial)
        do { try manager.createDirectory(atPath: partial, withIntermediateDirectories: true) } catch {
            throw TrainingError(.inputOutput, path, "the folder cannot be made; check its parent and the free space")
        }
    }

    private static func target(of path: String) throws(TrainingError) -> String {
        var place = path
        while place.count > 1, place.hasSuffix("/") { place.removeLast() }
        let manager = FileManager.default
        guard (try? manager.destinationOfSymbolicLink(atPath: place)) != nil else { return place }
        guard manager.fileExists(atPath: place) else {
            throw TrainingError(
                .exists, path, "this is a link that leads nowhere; make the folder that it names, or name another")
        }
        return URL(filePath: place).resolvingSymlinksInPath().path
    }

    /// The files of a folder that the manifest of its export does not list, in order of their paths.
    ///
    /// **Throws** `exists` where there is no manifest of ours.
    private static func strangers(in place: String, named path: String) throws(TrainingError) -> [String] {
        let manager = FileManager.default
        guard let data = manager.contents(atPath: place + "/manifest.json"),
            let manifest = try? JSONValue(parsing: String(decoding: data, as: UTF8.self)),
            let format = manifest["format"]?.string,
            [TrainingSetExport.manifestFormat, TrainingSetBake.format].contains(format)
        else { throw foreign(path) }
        let own = Set((manifest["files"]?.array ?? []).compactMap { $0["path"]?.string })
            .union(["manifest.json", FolderMark.name])
        let all = manager.enumerator(atPath: place)?.compactMap { $0 as? String } ?? []
        return all.filter { !own.contains($0) && !isFolder(place + "/" + $0) }.sorted()
    }

    /// False for a link to one.
    private static func isFolder(_ path: String) -> Bool {
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        return attributes?[.type] as? FileAttributeType == .typeDirectory
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
        let target = partial + "/" + name
        let parent = URL(filePath: target).deletingLastPathComponent()
        do {
            try FileManager.default.createDirectory(at: parent, withIntermediateDirectories: true)
            return ExportFile(try AtomicOutput(path: target)) { [weak self] count, digest in
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
        let earlier = place + ".earlier"
        try? manager.removeItem(atPath: earlier)
        if manager.fileExists(atPath: place) { try? manager.moveItem(atPath: place, toPath: earlier) }
        do { try manager.moveItem(atPath: partial, toPath: place) } catch {
            try? manager.moveItem(atPath: earlier, toPath: place)
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
