internal import CanonicalJSON
internal import Datasets
internal import SQLInterface
internal import Warehouse

/// Tells which files of a scan an earlier run settled: same place, size and times.
///
/// **Cost** one indexed query per page of files.
struct KnownFiles: Sendable {
    let connection: any WarehouseConnection
    let cloak: PathCloak
    let settings: IngestSettings

    /// Whether each entry is known, in order.
    func areKnown(_ entries: [(path: String, status: FileStatus)]) async throws -> [Bool] {
        guard !settings.rehash, !entries.isEmpty else { return entries.map { _ in false } }
        var known = Array(repeating: false, count: entries.count)
        for kind in [PatientKeyKind.research, .clinical] {
            let paths = entries.map { cloak.path($0.path, kind) }
            let stored = try await stored(root: cloak.root(kind), paths: paths)
            for (index, path) in paths.enumerated() where stored[path] == entries[index].status { known[index] = true }
        }
        return known
    }

    private func stored(root: String, paths: [String]) async throws -> [String: FileStatus] {
        let list = JSONValue.strings(paths).text
        let members: SQL =
            switch connection.engine {
            case .sqlite: "SELECT value FROM json_each(\(list))"
            case .postgresql: "SELECT jsonb_array_elements_text(CAST(\(list) AS jsonb))"
            }
        let replayable: SQL = settings.replayRejected ? "AND outcome <> 'rejected'" : ""
        let rows = try await connection.rows(
            """
            SELECT relative_path, size_bytes, mtime_ns, ctime_ns FROM source_file
            WHERE root = \(root) AND relative_path IN (\(sql: members)) \(sql: replayable)
            """)
        var found: [String: FileStatus] = [:]
        found.reserveCapacity(rows.count)
        for row in rows.rows {
            guard case .text(let path) = row[0], case .integer(let size) = row[1], case .integer(let modified) = row[2],
                case .integer(let changed) = row[3]
            else { continue }
            found[path] = FileStatus(
                sizeBytes: size, modifiedNanoseconds: modified, changedNanoseconds: changed)
        }
        return found
    }
}
