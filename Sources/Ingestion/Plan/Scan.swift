internal import Datasets
internal import Glibc
internal import Warehouse

/// Walks the folder and enters every file into the plan, with what earlier runs know of it.
struct Scan: Sendable {
    /// `nil` where no warehouse is asked.
    let known: KnownFiles?
    let plan: RunPlan
    let observer: any IngestObserver

    /// What the scan met that is neither a file nor a folder.
    struct Unusable: Sendable {
        let file: SourceFile
        let code: String
        let reason: String
    }

    struct Result: Sendable {
        var fileCount = 0
        var knownCount = 0
        var byteCount: Int64 = 0
        var unusable: [Unusable] = []
    }

    private static let pageSize = 4_000

    func run(only name: String? = nil) async throws -> Result {
        var result = Result()
        var walker = try DirectoryWalker(root: plan.root)
        var page: [(path: String, status: FileStatus)] = []
        while let entry = walker.next() {
            if let name, entry.relativePath != name { continue }
            switch entry.kind {
            case .folder: try await plan.addFolder(entry.relativePath)
            case .file(let status):
                page.append((entry.relativePath, status))
                if page.count == Self.pageSize { try await enter(&page, into: &result) }
            case .unusable(let code, let reason):
                try await enter(&page, into: &result)
                try await enter(entry.relativePath, code: code, reason: reason, into: &result)
            }
        }
        try await enter(&page, into: &result)
        return result
    }

    /// What cannot be read has no size and no times: it is known once an earlier run has said so.
    private func enter(_ path: String, code: String, reason: String, into result: inout Result) async throws {
        let isKnown = try await known?.areKnown([(path, .none)]).first ?? false
        result.fileCount += 1
        if isKnown {
            result.knownCount += 1
        } else {
            let file = SourceFile(number: result.fileCount, relativePath: path)
            result.unusable.append(Unusable(file: file, code: code, reason: reason))
        }
    }

    private func enter(_ page: inout [(path: String, status: FileStatus)], into result: inout Result) async throws {
        try Task.checkCancellation()
        let known = try await known?.areKnown(page) ?? page.map { _ in false }
        var entries: [RunPlan.PlannedEntry] = []
        for (index, item) in page.enumerated() {
            result.fileCount += 1
            result.knownCount += known[index] ? 1 : 0
            result.byteCount += known[index] ? 0 : item.status.sizeBytes
            entries.append(
                RunPlan.PlannedEntry(
                    file: SourceFile(number: result.fileCount, relativePath: item.path), status: item.status,
                    isKnown: known[index]))
        }
        try await plan.add(entries)
        page.removeAll(keepingCapacity: true)
        observer.progress(.scan, done: result.fileCount, total: nil)
    }
}
