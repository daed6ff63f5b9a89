internal import Datasets
internal import SQLInterface
internal import Warehouse

/// Rejections that stand, and those that were closed since their file was gone and of which nothing was read since.
struct FileRejections: Sendable {
    let connection: any WarehouseConnection
    /// `nil` finds those alone whose names were kept.
    let pseudonymizer: Pseudonymizer?

    /// A rejection of a file, or of a row of one.
    struct Item: Sendable {
        let rejectionID: Int64
        let isRow: Bool
        let isOpen: Bool
        let kind: PatientKeyKind
        /// As it is stored.
        let path: String
        /// What the file was like when it was last read.
        let status: FileStatus
    }

    /// Of all files that were ingested with this folder as their root.
    ///
    /// Rejections are few and files are many: CROSS JOIN makes SQLite begin with the former.
    func items(of root: String) async throws -> [Item] {
        let cloak = PathCloak(root: root, pseudonymizer: pseudonymizer)
        var items: [Item] = []
        for kind in kinds(cloak) {
            items += try await self.items(
                kind, from: "rejection CROSS JOIN source_file", where: "source_file.root = \(cloak.root(kind))")
        }
        return items
    }

    /// Of one file, by its absolute path, whichever folder above it was ingested.
    func items(ofFile path: String) async throws -> [Item] {
        let parts = path.split(separator: "/")
        var items: [Item] = []
        for depth in parts.indices {
            let cloak = PathCloak(
                root: "/" + parts[..<depth].joined(separator: "/"), pseudonymizer: pseudonymizer)
            let below = parts[depth...].joined(separator: "/")
            for kind in kinds(cloak) {
                items += try await self.items(
                    kind, from: "source_file CROSS JOIN rejection",
                    where: """
                        source_file.root = \(cloak.root(kind))
                            AND source_file.relative_path = \(cloak.path(below, kind))
                        """)
            }
        }
        return items
    }

    private func items(_ kind: PatientKeyKind, from tables: SQL, where place: SQL) async throws -> [Item] {
        try await connection.rows(
            """
            SELECT rejection.rejection_id, rejection.row_number, rejection.resolution, source_file.relative_path,
                source_file.size_bytes, source_file.mtime_ns, source_file.ctime_ns
            FROM \(sql: tables)
            WHERE rejection.source_file_id = source_file.source_file_id AND \(sql: place)
                AND (rejection.replayed_at IS NULL
                    OR rejection.resolution = 'file_gone' AND rejection.ingest_run_id = source_file.ingest_run_id)
            ORDER BY rejection.rejection_id
            """
        ).map { row in
            Item(
                rejectionID: try row.get("rejection_id"), isRow: try row.get("row_number", as: Int?.self) != nil,
                isOpen: try row.get("resolution", as: String?.self) == nil, kind: kind,
                path: try row.get("relative_path"),
                status: FileStatus(
                    sizeBytes: try row.get("size_bytes"), modifiedNanoseconds: try row.get("mtime_ns"),
                    changedNanoseconds: try row.get("ctime_ns")))
        }
    }

    /// Without pseudonyms both kinds have the same names.
    private func kinds(_ cloak: PathCloak) -> [PatientKeyKind] {
        cloak.root(.research) == cloak.root(.clinical) ? [.research] : [.research, .clinical]
    }
}
