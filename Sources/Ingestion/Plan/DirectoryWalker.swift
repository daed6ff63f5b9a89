internal import Glibc

/// Lists a folder with everything below it, in byte order of the relative path.
///
/// A folder sorts as its name followed by `/`, which makes the walk's order the order of whole paths. Links to folders
/// are not followed (they can form rings); links to files are files.
///
/// **Cost** one `readdir` and one `fstatat` per entry; memory is one folder's names per level.
struct DirectoryWalker {
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
        case .success(let entries): pending = entries
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
            pending.append(contentsOf: entries)
            return entry
        case .failure(let problem):
            return Entry(
                relativePath: entry.relativePath,
                kind: .unusable(code: "unreadable_folder", reason: "the folder cannot be read (\(problem.text))"))
        }
    }

    /// The entries of one folder, last one first, so that the next one is popped from the end.
    private static func list(_ path: String, below prefix: String) -> Result<[Entry], SystemProblem> {
        guard let directory = unsafe opendir(path) else { return .failure(SystemProblem()) }
        defer { unsafe closedir(directory) }
        let descriptor = unsafe dirfd(directory)
        var entries: [(sortKey: String, entry: Entry)] = []
        while let item = unsafe readdir(directory) {
            let name = unsafe withUnsafePointer(to: &item.pointee.d_name) { field in
                unsafe field.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(validatingCString: $0) }
            }
            if name == "." || name == ".." { continue }
            let entry = Self.entry(name, in: descriptor, below: prefix)
            entries.append((entry.relativePath + (entry.kind == .folder ? "/" : ""), entry))
        }
        entries.sort { $0.sortKey.utf8.lexicographicallyPrecedes($1.sortKey.utf8) }
        return .success(entries.reversed().map(\.entry))
    }

    private static func entry(_ name: String?, in folder: Int32, below prefix: String) -> Entry {
        guard let name else {
            return Entry(
                relativePath: prefix,
                kind: .unusable(code: "name_not_utf8", reason: "a name in this folder is not UTF-8; rename the file"))
        }
        let path = prefix.isEmpty ? name : prefix + "/" + name
        return Entry(relativePath: path, kind: FileStatus.kind(of: name, in: folder))
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
        modifiedNanoseconds = Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec)
        changedNanoseconds = Int64(status.st_ctim.tv_sec) * 1_000_000_000 + Int64(status.st_ctim.tv_nsec)
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
