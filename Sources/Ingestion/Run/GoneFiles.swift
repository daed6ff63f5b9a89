internal import Datasets
internal import ImageFiles
internal import SQLInterface
internal import Warehouse

/// Closes rejections whose file is no longer in its folder, and opens them again where the same file is back.
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

    private struct Item {
        let rejectionID: Int64
        let isRow: Bool
        let isOpen: Bool
        let kind: PatientKeyKind
        let path: String
    }

    func settle() async throws -> Closed {
        let items = try await items()
        guard !items.isEmpty, let seen = try look(for: items) else { return Closed() }
        let gone = items.filter { $0.isOpen && !seen.isPresent($0) && !seen.mayBeHidden($0) }
        let back = items.filter { !$0.isOpen && seen.isPresent($0) }
        guard !gone.isEmpty || !back.isEmpty else { return Closed() }
        try await connection.transaction {
            try await set(gone, "replayed_at = \(context.clock()), resolution = 'file_gone'")
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

    /// What stands, and what was closed here without anything having been read in its place since.
    ///
    /// Rejections are few and files are many: CROSS JOIN makes SQLite begin with the former.
    private func items() async throws -> [Item] {
        var items: [Item] = []
        for kind in kinds {
            items += try await connection.rows(
                """
                SELECT rejection.rejection_id, rejection.row_number, rejection.resolution, source_file.relative_path
                FROM rejection CROSS JOIN source_file
                WHERE source_file.source_file_id = rejection.source_file_id
                    AND source_file.root = \(context.cloak.root(kind)) AND (rejection.replayed_at IS NULL
                    OR rejection.resolution = 'file_gone' AND rejection.ingest_run_id = source_file.ingest_run_id)
                ORDER BY rejection.rejection_id
                """
            ).map { row in
                Item(
                    rejectionID: try row.get("rejection_id"), isRow: try row.get("row_number", as: Int?.self) != nil,
                    isOpen: try row.get("resolution", as: String?.self) == nil, kind: kind,
                    path: try row.get("relative_path"))
            }
        }
        return items
    }

    /// Without pseudonyms both kinds have the same names.
    private var kinds: [PatientKeyKind] {
        context.cloak.root(.research) == context.cloak.root(.clinical) ? [.research] : [.research, .clinical]
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
