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
        var isIgnored: Bool { ["linked_folder", "not_a_file"].contains(code) }
    }

    struct Result: Sendable {
        var fileCount = 0
        var knownCount = 0
        var byteCount: Int64 = 0
        var unusable: [Unusable] = []
    }

    /// The files of an SQLite warehouse; none where a server holds it.
    static func ownFiles(of warehouse: Warehouse) -> Set<String> {
        guard case .sqlite(let path) = warehouse.location.store else { return [] }
        let base = URL(fileURLWithPath: path).standardizedFileURL.resolvingSymlinksInPath().path
        return Set(["", "-wal", "-shm", "-journal", "-writer"].map { base + $0 })
    }

    private static let pageSize = 4_000

    func run(only name: String? = nil) async throws -> Result {
        var result = Result()
        var page: [(path: String, status: FileStatus)] = []
        if let name {
            // Beside a file that the user named nothing is looked at.
            if let entry = DirectoryWalker.entry(named: name, in: plan.root) {
                try await take(entry, into: &page, &result)
            }
        } else {
            var walker = try DirectoryWalker(root: plan.root)
            while let entry = walker.next() { try await take(entry, into: &page, &result) }
        }
        try await enter(&page, into: &result)
        return result
    }

    private func take(
        _ entry: DirectoryWalker.Entry, into page: inout [(path: String, status: FileStatus)],
        _ result: inout Result
    ) async throws {
        switch entry.kind {
        case .folder: try await plan.addFolder(entry.relativePath)
        case .file(let status):
            guard excluded.isEmpty || !excluded.contains(plan.root + "/" + entry.relativePath) else { return }
            page.append((entry.relativePath, status))
            if page.count == Self.pageSize { try await enter(&page, into: &result) }
        case .unusable(let code, let reason):
            try await enter(&page, into: &result)
            try await enter(entry.relativePath, code: code, reason: reason, into: &result)
        }
    }

    /// What cannot be read has no size and no times: it is known once an earlier run has said so.
    private func enter(_ path: String, code: String, reason: String, into result: inout Result) async throws {
        let known = try await known?.known([(path, .none)]).first ?? nil
        result.fileCount += 1
        if known != nil {
            result.knownCount += 1
        } else {
            let file = SourceFile(number: result.fileCount, relativePath: path)
            result.unusable.append(Unusable(file: file, code: code, reason: reason))
        }
    }

    private func enter(_ page: inout [(path: String, status: FileStatus)], into result: inout Result) async throws {
        try Task.checkCancellation()
        let known = try await known?.known(page) ?? page.map { _ in nil }
        var entries: [(file: SourceFile, status: FileStatus, known: KnownFile?)] = []
        for (index, item) in page.enumerated() {
            result.fileCount += 1
            result.knownCount += known[index] == nil ? 0 : 1
            result.byteCount += known[index] == nil ? item.status.sizeBytes : 0
            entries.append(
                (SourceFile(number: result.fileCount, relativePath: item.path), item.status, known[index]))
        }
        try await plan.add(entries)
        page.removeAll(keepingCapacity: true)
        observer.progress(.scan, done: result.fileCount, total: nil)
    }
}
