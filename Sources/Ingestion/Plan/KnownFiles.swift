internal import CanonicalJSON
internal import Datasets
internal import SQLInterface
internal import Warehouse

/// What an earlier run made of a file that has not changed since.
struct KnownFile: Sendable, Equatable {
    /// As `source_file.outcome` says it.
    let outcome: String
    /// The adapter of its data set; `nil` where it has none.
    let adapter: String?
    /// The data set of a table of labels or marks, as `DatasetIdentity.reference` has it.
    let tableOf: String?
    /// The path as it is stored, which is a token where the data set is clinical.
    let storedPath: String
}

extension DatasetIdentity {
    /// Name and version.
    var reference: String { "\(name)@\(version)" }
}

/// Tells which files of a scan an earlier run settled: same place, size and times.
///
/// Trouble that passes (no permission, a read error) settles nothing. **Cost** at most two indexed queries per page.
struct KnownFiles: Sendable {
    private let connection: any WarehouseConnection
    private let cloak: PathCloak
    private let settings: IngestSettings
    /// How the files of this root are stored; what an adapter said of one counts before what a plain folder made of it.
    private let kinds: [PatientKeyKind]

    init(connection: any WarehouseConnection, cloak: PathCloak, settings: IngestSettings) async throws {
        self.connection = connection
        self.cloak = cloak
        self.settings = settings
        var kinds: [PatientKeyKind] = []
        for kind in [PatientKeyKind.research, .clinical] where !settings.rehash {
            // Without pseudonyms both kinds have the same names.
            guard !kinds.contains(where: { cloak.root($0) == cloak.root(kind) }) else { continue }
            let rows = try await connection.rows("SELECT 1 FROM source_file WHERE root = \(cloak.root(kind)) LIMIT 1")
            if !rows.isEmpty { kinds.append(kind) }
        }
        self.kinds = kinds
    }

    /// No file of this root can be known.
    var isEmpty: Bool { kinds.isEmpty }

    /// What is known of each entry, in order.
    func known(_ entries: [(path: String, status: FileStatus)]) async throws -> [KnownFile?] {
        var known = [KnownFile?](repeating: nil, count: entries.count)
        guard !entries.isEmpty else { return known }
        for kind in kinds {
            let paths = entries.map { cloak.path($0.path, kind) }
            let stored = try await stored(root: cloak.root(kind), paths: paths)
            for (index, path) in paths.enumerated() where known[index] == nil {
                guard let file = stored[path], file.status == entries[index].status else { continue }
                known[index] = KnownFile(
                    outcome: file.outcome, adapter: file.adapter, tableOf: file.tableOf, storedPath: path)
            }
        }
        return known
    }

    private struct StoredFile {
        let status: FileStatus
        let outcome: String
        let adapter: String?
        let tableOf: String?
    }

    private func stored(root: String, paths: [String]) async throws -> [String: StoredFile] {
        let list = JSONValue.strings(paths).text
        let members: SQL =
            switch connection.engine {
            case .sqlite: "SELECT value FROM json_each(\(list))"
            case .postgresql: "SELECT jsonb_array_elements_text(CAST(\(list) AS jsonb))"
            }
        let rows = try await connection.rows(
            """
            SELECT source_file.relative_path, source_file.size_bytes, source_file.mtime_ns, source_file.ctime_ns,
                source_file.outcome, dataset.adapter,
                CASE WHEN source_file.outcome IN ('label_source', 'known')
                    THEN dataset.name || '@' || dataset.version END AS table_of
            FROM source_file LEFT JOIN dataset ON dataset.dataset_id = source_file.dataset_id
            WHERE source_file.root = \(root) AND source_file.relative_path IN (\(sql: members))
                AND NOT (source_file.outcome = 'rejected' AND source_file.reason IN \(list: RejectionCode.passing))
                \(sql: settings.replayRejected ? Self.withoutReplayable(settings) : "")
            """)
        var found: [String: StoredFile] = [:]
        found.reserveCapacity(rows.count)
        for row in rows {
            found[try row.get(at: 0)] = StoredFile(
                status: FileStatus(
                    sizeBytes: try row.get(at: 1), modifiedNanoseconds: try row.get(at: 2),
                    changedNanoseconds: try row.get(at: 3)),
                outcome: try row.get(at: 4), adapter: try row.get(at: 5), tableOf: try row.get(at: 6))
        }
        return found
    }

    /// `--replay-rejected` tries again what was rejected, tables of which rows were, images of which frames were, and
    /// what a later version reads.
    /// A file that somebody offered as a mask is no image: it waits for `--masks-for`.
    private static func withoutReplayable(_ settings: IngestSettings) -> SQL {
        let waiting = settings.masks == nil ? MaskRefusal.codes : []
        return """
            AND (source_file.outcome <> 'rejected' OR source_file.reason IN \(list: waiting))
            AND NOT (source_file.outcome = 'ignored' AND source_file.reason LIKE \("%" + FolderReader.laterVersion))
            AND NOT EXISTS (
                SELECT 1 FROM rejection WHERE rejection.source_file_id = source_file.source_file_id
                    AND (rejection.row_number IS NOT NULL OR source_file.outcome <> 'rejected')
                    AND rejection.replayed_at IS NULL
            )
            """
    }
}
