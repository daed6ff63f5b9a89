internal import CanonicalJSON
internal import Datasets
internal import SQLInterface
internal import Warehouse

/// Files that a published data set holds already, stored from a folder above the one that is read.
///
/// A part of a data set does not say what it is: read alone, it would be stored once more as of a plain folder. Only
/// the very same file counts, by path, size and times.
struct FolderAbove: Sendable {
    /// Folders of which files are stored, and how paths of this one begin there.
    private let roots: [(path: String, prefix: String)]

    /// A file as it is stored.
    struct Held: Sendable {
        let datasetID: Int64
        let datasetName: String
        let sha256: [UInt8]?
        fileprivate let status: FileStatus
    }

    /// - Parameter root: the folder that is read.
    init(_ root: String, settings: IngestSettings, on connection: any WarehouseConnection) async throws {
        var found: [(path: String, prefix: String)] = []
        let parts = root.split(separator: "/")
        // Who says what the files are, or how they are called, means them.
        let isTold = settings.masks != nil || settings.adapterName != nil || settings.datasetName != nil
        for count in 0..<(isTold ? 0 : parts.count) {
            let path = "/" + parts.prefix(count).joined(separator: "/")
            guard try await !connection.rows("SELECT 1 FROM source_file WHERE root = \(path) LIMIT 1").isEmpty else {
                continue
            }
            found.append((path, parts.dropFirst(count).joined(separator: "/") + "/"))
        }
        roots = found
    }

    /// Those of the entries that are stored, by file number.
    ///
    /// - Parameter claims: folders of data sets that this run has found itself; their files are read as usual.
    func held(
        _ entries: [RunPlan.PlannedEntry], outside claims: [FolderClaim], on connection: any WarehouseConnection
    ) async throws -> [Int: Held] {
        guard !roots.isEmpty else { return [:] }
        let open = entries.filter { entry in
            !claims.contains { entry.file.components(below: $0.folder) != nil }
        }
        guard !open.isEmpty else { return [:] }
        var held: [Int: Held] = [:]
        for root in roots {
            let stored = try await stored(
                root.path, paths: open.map { root.prefix + $0.file.relativePath }, on: connection)
            for entry in open {
                guard let file = stored[root.prefix + entry.file.relativePath], file.status == entry.status else {
                    continue
                }
                held[entry.file.number] = file
            }
        }
        return held
    }

    private func stored(
        _ root: String, paths: [String], on connection: any WarehouseConnection
    ) async throws -> [String: Held] {
        let list = JSONValue.strings(paths).text
        let members: SQL =
            switch connection.engine {
            case .sqlite: "SELECT value FROM json_each(\(list))"
            case .postgresql: "SELECT jsonb_array_elements_text(CAST(\(list) AS jsonb))"
            }
        let rows = try await connection.rows(
            """
            SELECT source_file.relative_path, source_file.size_bytes, source_file.mtime_ns, source_file.ctime_ns,
                source_file.sha256, dataset.dataset_id, dataset.name
            FROM source_file JOIN dataset ON dataset.dataset_id = source_file.dataset_id
            WHERE source_file.root = \(root) AND source_file.relative_path IN (\(sql: members))
                AND source_file.outcome IN ('stored', 'known') AND dataset.patient_key_kind = 'research'
            """)
        var found: [String: Held] = [:]
        for row in rows {
            found[try row.get(at: 0)] = Held(
                datasetID: try row.get(at: 5), datasetName: try row.get(at: 6), sha256: try row.get(at: 4),
                status: FileStatus(
                    sizeBytes: try row.get(at: 1), modifiedNanoseconds: try row.get(at: 2),
                    changedNanoseconds: try row.get(at: 3)))
        }
        return found
    }
}
