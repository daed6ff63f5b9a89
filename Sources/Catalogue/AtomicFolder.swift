internal import CFileSystem
internal import Foundation
internal import Glibc
internal import ImageFiles
internal import Synchronization

/// A folder that appears under its name when it is finished, whole or not at all, in place of what stood there.
///
/// It is made in a folder beside that name that is for it alone, `.NAME.slicehouse-PROCESS-RANDOM`; a name such as
/// `NAME.partial` may be somebody's. Several may be made for one name at once: each is whole, and the one that is
/// finished last stands. What a killed run left behind is removed when the next one begins; a lock tells it from what
/// another run is making.
package final class AtomicFolder: Sendable {
    /// Why a folder cannot be made, or cannot take its name.
    package struct Problem: Error, Sendable {
        /// Another path would do; nothing was done yet.
        package let isOfPath: Bool
        /// Part of a sentence: what is wrong, and what to do.
        package let reason: String
    }

    /// Where the files belong until the folder is finished.
    package let contents: String

    private let place: String
    private let container: String
    private let lock: FolderLock?
    private let isWhole = Mutex(false)

    /// Begins a folder; those above it are made where they are missing.
    package init(_ path: String) throws(Problem) {
        try Self.check(path)
        place = Self.trimmed(path)
        let (parent, name) = Self.parts(of: place)
        do { try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true) } catch {
            throw Self.unmakeable("\(parent) is no folder, or may not be written")
        }
        Self.removeLeftBehind(of: name, in: parent)
        let random = String(UInt64.random(in: 0...UInt64.max), radix: 16)
        container = "\(parent)/\(Self.beginning(of: name))\(getpid())-\(random)"
        contents = container + "/new"
        try Self.make(container)
        lock = FolderLock.make(in: container)
        do { try FolderMark.mark(container) } catch { throw Self.unmakeable(error.reason) }
        try Self.make(contents)
    }

    deinit { discard() }

    /// Removes what was written, unless the folder was finished.
    package func discard() {
        guard !isWhole.withLock({ $0 }) else { return }
        Self.remove(container)
    }

    // MARK: Names

    /// **Throws** for names that no folder can take whatever is in it: `.` and the like, and mount points.
    ///
    /// A folder that is mounted from the same file system cannot be told; ``finish(exchanges:mayGo:)`` meets it.
    package static func check(_ path: String) throws(Problem) {
        let place = trimmed(path)
        let (parent, name) = parts(of: place)
        guard !["", ".", "..", "/"].contains(name) else {
            throw Problem(
                isOfPath: true, reason: "a folder in use cannot be replaced by a new one; name a new folder in it")
        }
        guard let own = device(of: place), let above = device(of: parent), own != above else { return }
        throw Problem(
            isOfPath: true, reason: "this is a mount point, which cannot be replaced by a new folder; name one in it")
    }

    private static func trimmed(_ path: String) -> String {
        var place = path
        while place.count > 1, place.hasSuffix("/") { place.removeLast() }
        return place
    }

    private static func parts(of place: String) -> (parent: String, name: String) {
        guard place != "/", let slash = place.lastIndex(of: "/") else { return (".", place) }
        return (slash == place.startIndex ? "/" : String(place[..<slash]), String(place[place.index(after: slash)...]))
    }

    private static func device(of path: String) -> UInt? {
        var status = stat()
        return unsafe lstat(path, &status) == 0 ? UInt(status.st_dev) : nil
    }

    /// What the folders begin with that are made for a name; a long one is cut, since theirs is longer.
    private static func beginning(of name: String) -> String {
        ".\(String(name.unicodeScalars.prefix(50))).slicehouse-"
    }

    // MARK: Making and removing

    private static func make(_ folder: String) throws(Problem) {
        guard unsafe mkdir(folder, 0o777) == 0 else { throw unmakeable(said(errno)) }
    }

    private static func unmakeable(_ reason: String) -> Problem {
        Problem(
            isOfPath: false,
            reason: "the folder cannot be made (\(reason)); check its parent and the free space")
    }

    private static func said(_ code: Int32) -> String {
        let text = unsafe String(cString: strerror(code))
        return "the system says \"\(text)\""
    }

    private static func removeLeftBehind(of name: String, in parent: String) {
        let beginning = Self.beginning(of: name)
        for entry in (try? FileManager.default.contentsOfDirectory(atPath: parent)) ?? []
        where entry.hasPrefix(beginning) {
            let folder = parent + "/" + entry
            guard FileManager.default.fileExists(atPath: folder + "/" + FolderMark.name),
                let lock = FolderLock.takeOver(folder)
            else { continue }
            withExtendedLifetime(lock) { remove(folder) }
        }
    }

    /// The lock goes last: a run that is killed here leaves the rest to the next one.
    private static func remove(_ container: String) {
        let manager = FileManager.default
        for name in (try? manager.contentsOfDirectory(atPath: container)) ?? []
        where name != FolderLock.name && name != FolderMark.name {
            try? manager.removeItem(atPath: container + "/" + name)
        }
        try? manager.removeItem(atPath: container)
    }

    // MARK: Finishing

    /// Gives the folder its name: in one step where the file system can exchange two names, so that whoever looks, also
    /// after a crash, finds what stood there or the new one.
    ///
    /// - Parameters:
    ///   - exchanges: False as on a file system that cannot; for tests.
    ///   - mayGo: Whether what stood there, which lies at this path now, may be removed.
    /// - Returns: Where that is kept which may not go.
    /// **Throws** where the folder cannot take its name; the reason says where it is kept.
    package func finish(exchanges: Bool = true, mayGo: (String) -> Bool) throws(Problem) -> [String] {
        // From here on it is whole, and no other run may take it for left behind.
        isWhole.withLock { $0 = true }
        unsafe unlink(container + "/" + FolderLock.name)
        var earlier: [String] = []
        // Several turns where other runs finish folders of this name meanwhile.
        for turn in 1...9 {
            if unsafe rename(contents, place) == 0 { return settle(earlier, mayGo: mayGo) }
            let code = errno
            guard [ENOTEMPTY, EEXIST, ENOTDIR].contains(code) else { break }
            if exchanges, unsafe cfilesystem_exchange(contents, place) == 0 {
                return settle(earlier + [contents], mayGo: mayGo)
            }
            let aside = "\(container)/earlier-\(turn)"
            if unsafe rename(place, aside) == 0 { earlier.append(aside) } else if errno != ENOENT { break }
        }
        let reason = Self.said(errno)
        if let last = earlier.last, unsafe rename(last, place) == 0 { earlier.removeLast() }
        let kept = show(contents, as: "new")
        if kept != contents, earlier.isEmpty { Self.remove(container) }
        throw Problem(
            isOfPath: false,
            reason: "the folder cannot take its name (\(reason)); it is whole and kept as \(kept): move it yourself")
    }

    private func settle(_ earlier: [String], mayGo: (String) -> Bool) -> [String] {
        let kept = earlier.filter { !mayGo($0) }.map { show($0, as: "earlier") }
        guard !kept.contains(where: { $0.hasPrefix(container + "/") }) else { return kept }
        // What is left may be large: a run that is killed here leaves it to the next one.
        withExtendedLifetime(FolderLock.make(in: container)) { Self.remove(container) }
        return kept
    }

    /// Gives a folder a name beside the place, `NAME.SUFFIX`, with a number where that is taken. It stays where it is
    /// if that cannot be done.
    private func show(_ folder: String, as suffix: String) -> String {
        for number in 1...99 {
            let path = number == 1 ? "\(place).\(suffix)" : "\(place).\(suffix)-\(number)"
            // Made first, so that nothing but this empty folder is replaced.
            if unsafe mkdir(path, 0o777) == 0 {
                if unsafe rename(folder, path) == 0 { return path }
                unsafe rmdir(path)
                return folder
            }
            guard errno == EEXIST else { return folder }
        }
        return folder
    }
}
