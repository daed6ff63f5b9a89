internal import Glibc
internal import ImageFiles

/// Lists a folder with everything below it, in byte order of the relative path.
///
/// A folder sorts as its name followed by `/`, which makes the walk's order the order of whole paths. Links to folders
/// are not followed (they can form rings); links to files are files.
///
/// A folder with a file named `.slicehouse-ignore` is one entry, and nothing in it is listed.
///
/// **Cost** one `readdir` and one `fstatat` per entry; memory is one folder's names per level.
struct DirectoryWalker: Sendable {
    struct Entry: Sendable, Equatable {
        enum Kind: Sendable, Equatable {
            case file(FileStatus)
            case folder
            /// Neither a file nor a folder, or one that cannot be looked at, with the reason.
            case unusable(code: String, reason: String)
        }
        let relativePath: String
        let kind: Kind
    }

    private let root: String
    private var pending: [Entry] = []

    /// **Throws** `notFound` or `unreadable` for the root itself; trouble below it is an entry.
    init(root: String) throws {
        self.root = root
        switch Self.list(root, below: "") {
        case .success(let entries): pending = Self.unmarked(entries, below: "") ?? [Self.marked(FolderMark.name)]
        case .failure(let problem):
            let code: IngestionError.Code = problem.number == ENOENT ? .notFound : .unreadable
            throw IngestionError(code: code, subject: root, reason: "the folder cannot be read (\(problem.text))")
        }
    }

    mutating func next() -> Entry? {
        guard let entry = pending.popLast() else { return nil }
        guard entry.kind == .folder else { return entry }
        switch Self.list(root + "/" + entry.relativePath, below: entry.relativePath) {
        case .success(let entries):
            guard let entries = Self.unmarked(entries, below: entry.relativePath) else {
                return Self.marked(entry.relativePath)
            }
            pending.append(contentsOf: entries)
            return entry
        case .failure(let problem):
            return Entry(
                relativePath: entry.relativePath,
                kind: .unusable(code: "unreadable_folder", reason: "the folder cannot be read (\(problem.text))"))
        }
    }

    /// `nil` where the folder is marked.
    private static func unmarked(_ entries: [Entry], below folder: String) -> [Entry]? {
        let isMarked = entries.contains { entry in
            guard case .file = entry.kind else { return false }
            return entry.relativePath == join(folder, FolderMark.name)
        }
        return isMarked ? nil : entries
    }

    private static func marked(_ path: String) -> Entry {
        Entry(
            relativePath: path,
            kind: .unusable(code: "marked_folder", reason: "a folder with the file \(FolderMark.name)"))
    }

    /// The entries of one folder, last one first, so that the next one is popped from the end.
    private static func list(_ path: String, below prefix: String) -> Result<[Entry], SystemProblem> {
        guard let directory = unsafe opendir(path) else { return .failure(SystemProblem()) }
        defer { unsafe closedir(directory) }
        let descriptor = unsafe dirfd(directory)
        var names: [[UInt8]] = []
        while let item = unsafe readdir(directory) {
            let bytes = unsafe withUnsafePointer(to: &item.pointee.d_name) { field in
                unsafe field.withMemoryRebound(to: UInt8.self, capacity: 256) { first in
                    unsafe Array(UnsafeBufferPointer(start: first, count: strnlen(first, 256)))
                }
            }
            if bytes != Array(".".utf8), bytes != Array("..".utf8) { names.append(bytes) }
        }
        return .success(sorted(entries(names, in: descriptor, below: prefix)).reversed())
    }

    private static func entries(_ names: [[UInt8]], in folder: Int32, below prefix: String) -> [Entry] {
        var taken: Set<String> = []
        var entries: [Entry] = []
        var problems: [(name: [UInt8], code: String, reason: String)] = []
        for bytes in names.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
            guard let name = String(validating: bytes, as: UTF8.self) else {
                problems.append((bytes, "name_not_utf8", "its name is not UTF-8; rename it"))
                continue
            }
            // Equal strings with other bytes: é as one scalar and as two.
            guard taken.insert(name).inserted else {
                problems.append(
                    (bytes, "name_not_unique", "its name reads like that of its neighbour; rename one of them"))
                continue
            }
            entries.append(Entry(relativePath: join(prefix, name), kind: FileStatus.kind(of: name, in: folder)))
        }
        for problem in problems {
            var name = escaped(problem.name)
            while !taken.insert(name).inserted { name += "~" }
            entries.append(
                Entry(
                    relativePath: join(prefix, name),
                    kind: .unusable(code: problem.code, reason: problem.reason)))
        }
        return entries
    }

    private static func sorted(_ entries: [Entry]) -> [Entry] {
        let keyed = entries.map { (key: $0.relativePath + ($0.kind == .folder ? "/" : ""), entry: $0) }
        return keyed.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }.map(\.entry)
    }

    private static func join(_ folder: String, _ name: String) -> String {
        folder.isEmpty ? name : folder + "/" + name
    }

    /// The name with every byte beyond ASCII as `\xFF`.
    private static func escaped(_ bytes: [UInt8]) -> String {
        bytes.map { $0 < 0x80 ? String(UnicodeScalar($0)) : "\\x" + hexadecimal([$0]).uppercased() }.joined()
    }

    /// What one name in a folder is; `nil` where there is no such entry.
    static func entry(named name: String, in root: String) -> Entry? {
        let path = root + "/" + name
        var status = stat()
        if unsafe fstatat(AT_FDCWD, path, &status, AT_SYMLINK_NOFOLLOW) != 0, [ENOENT, ENOTDIR].contains(errno) {
            return nil
        }
        return Entry(relativePath: name, kind: FileStatus.kind(of: path, in: AT_FDCWD))
    }
}

/// What `stat` says of a file, as far as a rerun compares it.
package struct FileStatus: Sendable, Equatable {
    package let sizeBytes: Int64
    package let modifiedNanoseconds: Int64
    package let changedNanoseconds: Int64

    /// Of what cannot be looked at.
    static let none = FileStatus(sizeBytes: 0, modifiedNanoseconds: 0, changedNanoseconds: 0)

    init(sizeBytes: Int64, modifiedNanoseconds: Int64, changedNanoseconds: Int64) {
        self.sizeBytes = sizeBytes
        self.modifiedNanoseconds = modifiedNanoseconds
        self.changedNanoseconds = changedNanoseconds
    }

    init(_ status: stat) {
        sizeBytes = Int64(status.st_size)
        modifiedNanoseconds = Self.nanoseconds(status.st_mtim)
        changedNanoseconds = Self.nanoseconds(status.st_ctim)
    }

    /// Since 1970; a time that 64 bits cannot hold (before 1677, after 2262) is the nearest that they can.
    private static func nanoseconds(_ time: timespec) -> Int64 {
        let (scaled, overflow) = Int64(time.tv_sec).multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, isTooLate) = scaled.addingReportingOverflow(Int64(time.tv_nsec))
        return overflow || isTooLate ? (time.tv_sec < 0 ? .min : .max) : sum
    }

    fileprivate static func kind(of name: String, in folder: Int32) -> DirectoryWalker.Entry.Kind {
        var status = stat()
        guard unsafe fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else {
            return .unusable(code: "unreadable", reason: "its status cannot be read (\(SystemProblem().text))")
        }
        let isLink = status.st_mode & S_IFMT == S_IFLNK
        if isLink, unsafe fstatat(folder, name, &status, 0) != 0 {
            return .unusable(code: "broken_link", reason: "it is a link to a file that does not exist")
        }
        switch (status.st_mode & S_IFMT, isLink) {
        case (S_IFREG, _): return .file(FileStatus(status))
        case (S_IFDIR, false): return .folder
        case (S_IFDIR, true): return .unusable(code: "linked_folder", reason: "links to folders are not followed")
        default: return .unusable(code: "not_a_file", reason: "it is neither a file nor a folder")
        }
    }
}

/// The calling thread's last system error, in words.
struct SystemProblem: Error {
    let number: Int32
    var text: String { unsafe String(cString: strerror(number)) }

    init() { number = errno }
}
