internal import Datasets
internal import Foundation
internal import Glibc
internal import Warehouse

/// Walks the folder and enters every file into the plan, with what earlier runs know of it.
struct Scan: Sendable {
    /// `nil` where no warehouse is asked.
    let known: KnownFiles?
    let plan: RunPlan
    let observer: any IngestObserver

    /// Absolute paths that are left out: the files of the warehouse itself.
    let excluded: Set<String>

    init(known: KnownFiles?, plan: RunPlan, observer: any IngestObserver, excluding excluded: Set<String> = []) {
        self.known = known
        self.plan = plan
        self.observer = observer
        self.excluded = excluded
    }

    /// What the scan met that is neither a file nor a folder.
    struct Unusable: Sendable {
        let file: SourceFile
        let code: String
        let reason: String

        /// Nothing is wrong with it: it holds nothing of its own.
        var isIgnored: Bool { ["linked_folder", "not_a_file", "marked_folder"].contains(code) }
    }

    struct Result: Sendable {
        var fileCount = 0
        var knownCount = 0
        var byteCount: Int64 = 0
        var unusable: [Unusable] = []
        /// Why marked folders are ignored that an earlier run met: what lies in them is not known, however often it is
        /// passed by.
        var passedByAgain: [String] = []

        /// Something that no earlier run has settled.
        var hasNews: Bool { knownCount + passedByAgain.count < fileCount }
    }

    /// The files of an SQLite warehouse; none where a server holds it.
    static func ownFiles(of warehouse: Warehouse) -> Set<String> {
        guard case .sqlite(let path) = warehouse.location.store else { return [] }
        let base = URL(fileURLWithPath: path).standardizedFileURL.resolvingSymlinksInPath().path
        return Set(["", "-wal", "-shm", "-journal", "-writer"].map { base + $0 })
    }

    fileprivate static let pageSize = 4_000

    /// - Parameters:
    ///   - name: Beside a file that the user named nothing is looked at.
    ///   - planned: Known files are entered into the plan even where all of them are.
    func run(only name: String? = nil, planned: Bool) async throws -> Result {
        // Most nights nothing has come, and entering all files again costs more than finding them.
        if !planned, known?.isEmpty == false {
            var pass = Pass(self, entersPlan: false)
            if let result = try await pass.run(only: name) { return result }
        }
        var pass = Pass(self, entersPlan: true)
        return try await pass.run(only: name) ?? Result()
    }
}

/// One walk over the folder.
private struct Pass {
    private let scan: Scan
    /// Otherwise the walk ends at the first file that is not known.
    private let entersPlan: Bool
    private var result = Scan.Result()
    private var page: [(path: String, status: FileStatus)] = []

    init(_ scan: Scan, entersPlan: Bool) {
        self.scan = scan
        self.entersPlan = entersPlan
    }

    /// `nil` where the walk ended early.
    mutating func run(only name: String?) async throws -> Scan.Result? {
        if let name {
            if let entry = DirectoryWalker.entry(named: name, in: scan.plan.root) { try await take(entry) }
        } else {
            var walk = try WalkAhead(root: scan.plan.root, pageSize: Scan.pageSize)
            while let entries = await walk.next() {
                for entry in entries {
                    try await take(entry)
                    if isOver { return nil }
                }
            }
        }
        try await enterPage()
        return isOver ? nil : result
    }

    private var isOver: Bool { !entersPlan && result.hasNews }

    private mutating func take(_ entry: DirectoryWalker.Entry) async throws {
        switch entry.kind {
        case .folder:
            if entersPlan { try await scan.plan.addFolder(entry.relativePath) }
        case .file(let status):
            guard scan.excluded.isEmpty || !scan.excluded.contains(scan.plan.root + "/" + entry.relativePath) else {
                return
            }
            page.append((entry.relativePath, status))
            if page.count == Scan.pageSize { try await enterPage() }
        case .unusable(let code, let reason):
            try await enterPage()
            try await enter(entry.relativePath, code: code, reason: reason)
        }
    }

    /// What cannot be read has no size and no times: it is known once an earlier run has said so.
    private mutating func enter(_ path: String, code: String, reason: String) async throws {
        let known = try await scan.known?.known([(path, .none)]).first ?? nil
        result.fileCount += 1
        if known != nil, code == "marked_folder" {
            result.passedByAgain.append(reason)
        } else if known != nil {
            result.knownCount += 1
        } else {
            let file = SourceFile(number: result.fileCount, relativePath: path)
            result.unusable.append(Scan.Unusable(file: file, code: code, reason: reason))
        }
    }

    private mutating func enterPage() async throws {
        try Task.checkCancellation()
        let known = try await scan.known?.known(page) ?? page.map { _ in nil }
        var entries: [(file: SourceFile, status: FileStatus, known: KnownFile?)] = []
        for (index, item) in page.enumerated() {
            result.fileCount += 1
            result.knownCount += known[index] == nil ? 0 : 1
            result.byteCount += known[index] == nil ? item.status.sizeBytes : 0
            entries.append(
                (SourceFile(number: result.fileCount, relativePath: item.path), item.status, known[index]))
        }
        if entersPlan { try await scan.plan.add(entries) }
        page.removeAll(keepingCapacity: true)
        scan.observer.progress(.scan, done: result.fileCount, total: nil)
    }
}
