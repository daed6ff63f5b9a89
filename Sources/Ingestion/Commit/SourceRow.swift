internal import Datasets
internal import SQLInterface
internal import Warehouse

/// What became of a file, as `source_file.outcome` says it.
enum SourceOutcome: Sendable, Equatable {
    case stored, known, labelSource
    case ignored(reason: String)
    case rejected(code: String)

    var name: String {
        switch self {
        case .stored: "stored"
        case .known: "known"
        case .labelSource: "label_source"
        case .ignored: "ignored"
        case .rejected: "rejected"
        }
    }

    var reason: String? {
        switch self {
        case .stored, .known, .labelSource: nil
        case .ignored(let reason): reason
        case .rejected(let code): code
        }
    }
}

/// One file with its outcome, ready to be written.
struct SourceRow: Sendable {
    let file: SourceFile
    let status: FileStatus
    let kind: PatientKeyKind
    let datasetID: Int64?
    let sha256: [UInt8]?
    let outcome: SourceOutcome
    /// This run refuses a part of a file that it knows.
    var isRefusedInPart = false
}

/// Writes rows of `source_file`: new ones in bulk, known paths by update.
struct SourceWriter: Sendable {
    let connection: any WarehouseConnection
    let context: RunContext

    private static let columns = [
        "source_file_id", "root", "relative_path", "dataset_id", "size_bytes", "mtime_ns", "ctime_ns", "sha256",
        "outcome", "reason", "first_ingest_run_id", "ingest_run_id",
    ]

    /// Writes the rows and returns the id of each, by file number.
    func write(_ rows: [SourceRow]) async throws -> [Int: Int64] {
        guard !rows.isEmpty else { return [:] }
        let keys = rows.map { context.sourceKey($0.file, $0.kind) }
        let ids = try await KeyResolver(connection: connection).resolve(keys, in: .sourceFile)
        let stored = try await storedDigests(Array(ids.values))
        var fresh: [[SQLValue]] = []
        var idOfFile: [Int: Int64] = [:]
        for (row, key) in zip(rows, keys) {
            guard let id = ids[key] else { continue }
            idOfFile[row.file.number] = id
            if let digest = stored[id] {
                try await update(row, id: id, sameContent: digest == row.sha256)
            } else {
                fresh.append(values(row, key: key, id: id))
            }
        }
        try await connection.load(table: "source_file", columns: Self.columns, rows: fresh)
        try await closeLeftAside(rows)
        return idOfFile
    }

    /// The reason of a row that another one of the same file has made void; `files_by_outcome` leaves it out.
    private static let replaced = "in a data set since"

    /// A file that a run left aside before its layout was there has a row under the token of its path. It cannot be
    /// deleted at a fair price: labels name their files, and no index tells which.
    private func closeLeftAside(_ rows: [SourceRow]) async throws {
        let root = context.cloak.root(.clinical)
        let own = rows.filter { $0.kind == .research }
        guard root != context.cloak.root(.research), !own.isEmpty,
            try await !connection.rows("SELECT 1 FROM source_file WHERE root = \(root) LIMIT 1").isEmpty
        else { return }
        let paths = own.map { context.cloak.path($0.file.relativePath, .clinical) }
        for start in stride(from: 0, to: paths.count, by: 500) {
            let page = Array(paths[start..<min(start + 500, paths.count)])
            try await connection.execute(
                """
                UPDATE source_file SET reason = \(Self.replaced)
                WHERE root = \(root) AND relative_path IN \(list: page) AND outcome = 'ignored'
                """)
        }
    }

    private func values(_ row: SourceRow, key: [SQLValue], id: Int64) -> [SQLValue] {
        [.integer(id)] + key + [
            SQLValue(row.datasetID), .integer(row.status.sizeBytes), .integer(row.status.modifiedNanoseconds),
            .integer(row.status.changedNanoseconds), SQLValue(row.sha256), .text(row.outcome.name),
            SQLValue(row.outcome.reason), .integer(context.runID), .integer(context.runID),
        ]
    }

    /// A file whose time changed and whose bytes did not keeps the outcome it has: it is the same file.
    private func update(_ row: SourceRow, id: Int64, sameContent: Bool) async throws {
        try await supersedeRejections(of: id, withRows: !sameContent || row.outcome != .known)
        if sameContent, row.outcome == .known {
            // A rejection that stands is of the run that is named beside its file.
            let run: SQL = row.isRefusedInPart ? ", ingest_run_id = \(context.runID)" : ""
            _ = try await connection.execute(
                """
                UPDATE source_file SET size_bytes = \(row.status.sizeBytes),
                    mtime_ns = \(row.status.modifiedNanoseconds), ctime_ns = \(row.status.changedNanoseconds)
                    \(sql: run)
                WHERE source_file_id = \(id)
                """)
            return
        }
        _ = try await connection.execute(
            """
            UPDATE source_file SET dataset_id = \(row.datasetID), size_bytes = \(row.status.sizeBytes),
                mtime_ns = \(row.status.modifiedNanoseconds), ctime_ns = \(row.status.changedNanoseconds),
                sha256 = \(row.sha256), outcome = \(row.outcome.name), reason = \(row.outcome.reason),
                ingest_run_id = \(context.runID)
            WHERE source_file_id = \(id)
            """)
    }

    /// The file was read again: what earlier runs refused of it no longer stands, or is refused anew.
    ///
    /// - Parameter withRows: false for a table that is known, of which no row was read.
    private func supersedeRejections(of id: Int64, withRows: Bool) async throws {
        let filter: SQL = withRows ? "" : "AND row_number IS NULL"
        try await connection.execute(
            """
            UPDATE rejection SET replayed_at = \(context.clock()), resolution = 'read_again'
            WHERE source_file_id = \(id) AND replayed_at IS NULL AND ingest_run_id <> \(context.runID) \(sql: filter)
            """)
    }

    /// Digests of the rows that exist already; a row without one has an empty digest here.
    private func storedDigests(_ ids: [Int64]) async throws -> [Int64: [UInt8]] {
        var found: [Int64: [UInt8]] = [:]
        for start in stride(from: 0, to: ids.count, by: 500) {
            let page = Array(ids[start..<min(start + 500, ids.count)])
            let rows = try await connection.rows(
                "SELECT source_file_id, sha256 FROM source_file WHERE source_file_id IN \(list: page)")
            for row in rows {
                found[try row.get("source_file_id")] = try row.get("sha256", as: [UInt8]?.self) ?? []
            }
        }
        return found
    }
}
