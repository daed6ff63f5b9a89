internal import CanonicalJSON
internal import Catalogue
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
    private let folder: AtomicFolder
    private(set) var files: [File] = []

    /// Begins the folder; what a killed run left behind is removed.
    ///
    /// **Throws** `exists` where something stands there that no export made, or lies in what one made; `badOption`
    /// where no folder can take that name; `inputOutput`.
    init(_ path: String) throws(TrainingError) {
        self.path = path
        let place = try Self.target(of: path)
        do { try AtomicFolder.check(place) } catch { throw TrainingError(.badOption, path, error.reason) }
        try Self.refuseOthers(in: place, named: path)
        do { folder = try AtomicFolder(place) } catch {
            throw TrainingError(error.isOfPath ? .badOption : .inputOutput, path, error.reason)
        }
    }

    private static func refuseOthers(in place: String, named path: String) throws(TrainingError) {
        let manager = FileManager.default
        guard manager.fileExists(atPath: place) else { return }
        guard (try? manager.contentsOfDirectory(atPath: place).isEmpty) != true else { return }
        let strangers = try Self.strangers(in: place, named: path)
        guard let first = strangers.first else { return }
        let others = strangers.count == 1 ? "is" : "and \(strangers.count - 1) more are"
        throw TrainingError(
            .exists, path,
            "\(first) \(others) not of the export that stands there and would be deleted with it; move what is "
                + "yours away, or name another folder")
    }

    /// Where a folder is: a link stays a link.
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

    func write(_ bytes: [UInt8], to name: String) throws {
        let output = try open(name)
        try output.write(bytes)
        try output.finish()
    }

    /// A file that is written piece by piece.
    func open(_ name: String) throws -> ExportFile {
        let target = folder.contents + "/" + name
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
    ///
    /// - Returns: Where the earlier one is kept, since files of somebody came into it meanwhile; else empty.
    func finish(_ manifest: [String: JSONValue]) throws -> [String] {
        var members = manifest
        members["files"] = .array(
            files.map { ["path": .string($0.path), "bytes": .integer($0.byteCount), "sha256": .string($0.sha256)] })
        try write(Array((JSONValue.object(members).text + "\n").utf8), to: "manifest.json")
        try FolderMark.mark(folder.contents)
        do {
            return try folder.finish { earlier in
                (try? Self.strangers(in: earlier, named: path))?.isEmpty == true
            }
        } catch {
            throw TrainingError(.inputOutput, path, error.reason)
        }
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
