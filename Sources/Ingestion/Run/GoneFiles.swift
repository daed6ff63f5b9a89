internal import Datasets
internal import ImageFiles
internal import SQLInterface
internal import Warehouse

/// Closes rejections whose file is no longer in its place, and opens them again where the same file is back.
///
/// What lies below a folder that cannot be looked into (no permission, a mark, a link) is left as it is.
///
/// **Cost** one more walk over the folder, where anything of it stands rejected.
struct GoneFiles: Sendable {
    let connection: any WarehouseConnection
    let context: RunContext
    /// The folder of the run.
    let root: String

    /// How many rejections were closed: of files, and of rows of tables.
    struct Closed: Sendable {
        var files = 0
        var rows = 0
    }

    private typealias Item = FileRejections.Item

    private var rejections: FileRejections {
        FileRejections(connection: connection, pseudonymizer: context.pseudonymizer)
    }

    /// Of the whole folder.
    func settle() async throws -> Closed {
        let items = try await rejections.items(of: root)
        guard !items.isEmpty, let seen = try look(for: items) else { return Closed() }
        return try await settle(
            gone: items.filter { $0.isOpen && !seen.isPresent($0) && !seen.mayBeHidden($0) },
            back: items.filter { !$0.isOpen && seen.isPresent($0) })
    }

    /// Of one file in the folder, whichever folder above it was ingested.
    ///
    /// What was rejected is the file as it was: with another size or other times it is another file, and this run has
    /// read it, maybe as one of another folder. Beside the file nothing is looked at.
    func settle(_ name: String) async throws -> Closed {
        let status: FileStatus?
        switch DirectoryWalker.entry(named: name, in: root)?.kind {
        case .file(let found): status = found
        case .unusable("unreadable", _): return Closed()
        case .unusable: status = FileStatus.none
        case .folder, nil: status = nil
        }
        let items = try await rejections.items(ofFile: root + "/" + name)
        return try await settle(
            gone: items.filter { $0.isOpen && $0.status != status }, as: status == nil ? "file_gone" : "read_again",
            back: items.filter { !$0.isOpen && $0.status == status })
    }

    private func settle(gone: [Item], as resolution: String = "file_gone", back: [Item]) async throws -> Closed {
        guard !gone.isEmpty || !back.isEmpty else { return Closed() }
        try await connection.transaction {
            try await set(gone, "replayed_at = \(context.clock()), resolution = \(resolution)")
            try await set(back, "replayed_at = NULL, resolution = NULL")
        }
        return Closed(files: gone.count { !$0.isRow }, rows: gone.count(where: \.isRow))
    }

    private func set(_ items: [Item], _ change: SQL) async throws {
        let ids = items.map(\.rejectionID).sorted()
        for start in stride(from: 0, to: ids.count, by: 500) {
            let page = Array(ids[start..<min(start + 500, ids.count)])
            try await connection.execute("UPDATE rejection SET \(sql: change) WHERE rejection_id IN \(list: page)")
        }
    }

    // MARK: Looking

    /// What a walk over the folder met.
    private struct Seen {
        var paths: [PatientKeyKind: Set<String>] = [:]
        /// Folders into which the walk did not look.
        var hidden: [String] = []

        func isPresent(_ item: Item) -> Bool { paths[item.kind]?.contains(item.path) == true }

        /// Tokens do not say in which folder a file was.
        func mayBeHidden(_ item: Item) -> Bool {
            item.kind == .clinical ? !hidden.isEmpty : hidden.contains { item.path.hasPrefix($0 + "/") }
        }
    }

    /// `nil` where the folder itself may not be looked into.
    private func look(for items: [Item]) throws -> Seen? {
        let wanted = Dictionary(grouping: items, by: \.kind).mapValues { Set($0.map(\.path)) }
        var seen = Seen()
        var walker = try DirectoryWalker(root: root)
        while let entry = walker.next() {
            if case .unusable(let code, _) = entry.kind {
                if code == "marked_folder", entry.relativePath == FolderMark.name { return nil }
                if Self.hiding.contains(code) { seen.hidden.append(entry.relativePath) }
            }
            for (kind, paths) in wanted {
                let path = context.cloak.path(entry.relativePath, kind)
                if paths.contains(path) { seen.paths[kind, default: []].insert(path) }
            }
        }
        return seen
    }

    private static let hiding: Set = ["marked_folder", "linked_folder", "unreadable_folder", "unreadable"]
}
