internal import Foundation
import Glibc

/// A new file that appears under its name when it is finished, whole or not at all; an existing one is replaced.
///
/// A power failure may still lose the file: exports can be repeated.
package final class AtomicOutput {
    private let path: String
    private let temporary: String
    private let file: OutputFile
    private var isFinished = false

    /// Opens `PATH.part`; missing folders are made, links are followed.
    ///
    /// **Throws** `unwritable`, also for a path that leads to something else than a file, such as a device.
    package init(path: String) throws(ImageFileError) {
        let path = try Self.target(of: path)
        self.path = path
        temporary = path + ".part"
        do {
            file = try OutputFile(path: temporary, format: .png)
        } catch {
            try Self.makeFolder(of: path)
            file = try OutputFile(path: temporary, format: .png)
        }
    }

    /// Makes the folder of a path where it is missing, and those above it.
    private static func makeFolder(of path: String) throws(ImageFileError) {
        guard let slash = path.lastIndex(of: "/"), slash > path.startIndex else { return }
        let folder = String(path[..<slash])
        if unsafe mkdir(folder, 0o777) == 0 { return }
        let code = errno
        if code == EEXIST { return }
        guard code == ENOENT else { throw .unwritable(errno: code, format: .png) }
        try makeFolder(of: folder)
        guard unsafe mkdir(folder, 0o777) != 0 else { return }
        guard errno == EEXIST else { throw .unwritable(errno: errno, format: .png) }
    }

    private static func target(of path: String) throws(ImageFileError) -> String {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { return path }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw ImageFileError(code: .unwritable, format: .png, reason: "this is no file that could be replaced")
        }
        return URL(filePath: path).resolvingSymlinksInPath().path
    }

    deinit {
        if !isFinished { unsafe unlink(temporary) }
    }

    package func write(_ bytes: [UInt8]) throws(ImageFileError) { try file.write(bytes) }

    /// Closes the file and gives it its name. **Throws** `unwritable`.
    package func finish() throws(ImageFileError) {
        try file.finish()
        guard unsafe rename(temporary, path) == 0 else { throw .unwritable(errno: errno, format: .png) }
        isFinished = true
    }

    /// Writes a whole file.
    package static func write(_ bytes: [UInt8], to path: String) throws(ImageFileError) {
        let output = try AtomicOutput(path: path)
        try output.write(bytes)
        try output.finish()
    }
}
