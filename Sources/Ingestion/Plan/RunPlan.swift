internal import Datasets
internal import SQLInterface
internal import SQLite

/// The files of one run with what pass 1 found in them, in a temporary database, so that memory does not grow with
/// their number.
///
/// It holds paths, so its file has no name in the temporary folder: a killed run leaves nothing behind.
struct RunPlan: FileListing {
    let root: String
    private let connection: SQLiteConnection

    init(root: String) async throws {
        self.root = root
        connection = try await SQLiteConnection.open(SQLiteOptions(path: "", access: .write(create: true)))
        try await connection.executeScript(Self.schema, name: "create the plan")
        try await connection.begin(.write)
    }

    private static let schema = """
        PRAGMA synchronous = OFF;
        CREATE TABLE folder (path TEXT NOT NULL, name TEXT NOT NULL);
        CREATE INDEX folder_name ON folder (name);
        CREATE TABLE file (
            number INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE, folder TEXT NOT NULL, size INTEGER NOT NULL,
            mtime INTEGER NOT NULL, ctime INTEGER NOT NULL, is_known INTEGER NOT NULL, is_claimed INTEGER NOT NULL,
            known_outcome TEXT, known_adapter TEXT, known_table_of TEXT, stored_path TEXT,
            is_voxels INTEGER NOT NULL DEFAULT 0
        );
        CREATE INDEX file_stored_path ON file (stored_path) WHERE stored_path IS NOT NULL;
        CREATE INDEX file_folder ON file (folder);
        CREATE TABLE instance (
            number INTEGER PRIMARY KEY, patient_key TEXT NOT NULL, patient_is_named INTEGER NOT NULL,
            study_key TEXT NOT NULL, study_uid TEXT, series_key TEXT NOT NULL, series_uid TEXT,
            role TEXT NOT NULL, modality TEXT, reader TEXT NOT NULL, dataset TEXT NOT NULL, source_series INTEGER,
            source_image TEXT, names_other_patient INTEGER NOT NULL
        );
        CREATE INDEX instance_series ON instance (dataset, patient_key, study_key, series_key, number);
        """

    /// Ends the plan, and with it its file.
    func remove() async {
        try? await connection.rollback()
        try? await connection.close()
    }

    // MARK: Files

    struct PlannedEntry: Sendable {
        let file: SourceFile
        let status: FileStatus
        /// Settled by an earlier run.
        let isKnown: Bool
    }

    /// What the scan found, with what is known of it from earlier runs.
    func add(_ entries: [(file: SourceFile, status: FileStatus, known: KnownFile?)]) async throws {
        try await connection.load(
            table: "file",
            columns: [
                "number", "path", "folder", "size", "mtime", "ctime", "is_known", "is_claimed", "known_outcome",
                "known_adapter", "known_table_of", "stored_path",
            ],
            rows: entries.map { entry in
                [
                    .integer(Int64(entry.file.number)), .text(entry.file.relativePath),
                    .text(Self.folder(of: entry.file.relativePath)), .integer(entry.status.sizeBytes),
                    .integer(entry.status.modifiedNanoseconds), .integer(entry.status.changedNanoseconds),
                    .integer(entry.known == nil ? 0 : 1), .integer(0), SQLValue(entry.known?.outcome),
                    SQLValue(entry.known?.adapter), SQLValue(entry.known?.tableOf), SQLValue(entry.known?.storedPath),
                ]
            })
    }

    func addFolder(_ path: String) async throws {
        let name = path.split(separator: "/").last.map(String.init) ?? ""
        _ = try await connection.execute("INSERT INTO folder (path, name) VALUES (\(path), \(name))")
    }

    func markClaimed(_ files: some Sequence<SourceFile>) async throws {
        for file in files {
            _ = try await connection.execute("UPDATE file SET is_claimed = 1 WHERE number = \(file.number)")
        }
    }

    /// Claims the files of a data set that was found in the listing.
    ///
    /// Those that a run without it left aside, or took for something else, count as new. Returns how many.
    func claim(_ found: DatasetPlan) async throws -> Int {
        let images = found.series.flatMap { series in
            series.files.flatMap { [$0.file] + ($0.data.map { [$0] } ?? []) }.map { ($0, series.dataset.adapter) }
        }
        let tables =
            found.labelFiles.filter { !$0.hasImagesElsewhere }.map { ($0.file, $0.dataset.adapter) }
            + found.markFiles.map { ($0.file, $0.dataset.adapter) }
        let files = try await reopen(images + tables)
        let elsewhere = try await reopen(found.labelFiles.filter(\.hasImagesElsewhere))
        try await markClaimed(found.claimedFiles)
        let newTables = try await newEntries(of: found.labelFiles.map(\.file) + found.markFiles.map(\.file))
        if newTables.isEmpty { return files + elsewhere }
        let others = try await reopen(found.folders)
        return files + elsewhere + others
    }

    // The optimiser of Swift 6.3 crashes where these become parts of `claim`.

    @inline(never)
    private func reopen(_ files: [(file: SourceFile, adapter: String)]) async throws -> Int {
        var count = 0
        for (file, adapter) in files {
            count += try await connection.execute(
                """
                UPDATE file SET is_known = 0 WHERE number = \(file.number) AND is_known = 1
                AND (known_outcome = 'ignored' OR known_adapter <> \(adapter))
                """)
        }
        return count
    }

    /// Tables about images that something else brings, whose adapter their data set then has.
    @inline(never)
    private func reopen(_ tables: [LabelFilePlan]) async throws -> Int {
        var count = 0
        for table in tables {
            count += try await connection.execute(
                """
                UPDATE file SET is_known = 0 WHERE number = \(table.file.number) AND is_known = 1
                AND (known_outcome = 'ignored'
                    OR known_adapter <> \(table.dataset.adapter) AND known_table_of IS NOT \(table.dataset.reference))
                """)
        }
        return count
    }

    /// Files of a data set's folders that a run before its tables took for a plain folder's.
    @inline(never)
    private func reopen(_ folders: [FolderClaim]) async throws -> Int {
        var count = 0
        for claim in folders {
            let prefix = claim.folder.isEmpty ? "" : claim.folder + "/"
            count += try await connection.execute(
                """
                UPDATE file SET is_known = 0 WHERE is_known = 1 AND is_claimed = 0
                AND known_adapter = \(FolderReader.dicom.adapter) AND substr(path, 1, length(\(prefix))) = \(prefix)
                """)
        }
        return count
    }

    /// MetaImage headers of plain folders, known themselves, beside which the voxels are new. Returns how many.
    func reopenHeaders() async throws -> Int {
        try await connection.execute(
            """
            UPDATE file SET is_known = 0
            WHERE is_known = 1 AND is_claimed = 0 AND lower(substr(path, -4)) = '.mhd' AND EXISTS (
                SELECT 1 FROM file AS voxels
                WHERE voxels.path IN (substr(file.path, 1, length(file.path) - 4) || '.raw',
                    substr(file.path, 1, length(file.path) - 4) || '.zraw')
                    AND voxels.is_known = 0 AND voxels.is_claimed = 0)
            """)
    }

    /// Marks files whose MetaImage header is beside them, to be settled after it.
    func markVoxels(_ files: some Sequence<SourceFile>) async throws {
        for file in files {
            _ = try await connection.execute("UPDATE file SET is_voxels = 1 WHERE number = \(file.number)")
        }
    }

    /// Files that ``markVoxels(_:)`` marked, a page at a time in order of number.
    func voxels(after number: Int, limit: Int) async throws -> [PlannedEntry] {
        let sql: SQL = """
            SELECT number, path, size, mtime, ctime, is_known FROM file
            WHERE number > \(number) AND is_voxels = 1 ORDER BY number LIMIT \(limit)
            """
        return try await connection.rows(sql).map(Self.entry)
    }

    func voxelFileCount() async throws -> Int {
        let rows = try await connection.rows("SELECT count(*) AS file_count FROM file WHERE is_voxels = 1")
        return try rows.first?.get("file_count", as: Int.self) ?? 0
    }

    /// The real paths of known files by the paths under which they are stored.
    func paths(ofStored stored: some Sequence<String>) async throws -> [String: String] {
        var found: [String: String] = [:]
        for path in stored {
            for row in try await connection.rows("SELECT path FROM file WHERE stored_path = \(path)") {
                found[path] = try row.get("path")
            }
        }
        return found
    }

    /// Files that no adapter claimed and no earlier run settled, a page at a time in order of number.
    func unclaimed(after number: Int, limit: Int) async throws -> [PlannedEntry] {
        let sql: SQL = """
            SELECT number, path, size, mtime, ctime, is_known FROM file
            WHERE number > \(number) AND is_claimed = 0 AND is_known = 0 ORDER BY number LIMIT \(limit)
            """
        return try await connection.rows(sql).map(Self.entry)
    }

    /// The entries of the given files; those that are known already are left out.
    func newEntries(of files: [SourceFile]) async throws -> [Int: PlannedEntry] {
        try await entries(of: files).filter { !$0.value.isKnown }
    }

    /// The entries of the given files by number, known ones included.
    func entries(of files: [SourceFile]) async throws -> [Int: PlannedEntry] {
        var found: [Int: PlannedEntry] = [:]
        for file in files {
            let sql: SQL = """
                SELECT number, path, size, mtime, ctime, is_known FROM file WHERE number = \(file.number)
                """
            for row in try await connection.rows(sql) {
                found[file.number] = try Self.entry(row)
            }
        }
        return found
    }

    private static func entry(_ row: Row) throws -> PlannedEntry {
        PlannedEntry(
            file: SourceFile(number: try row.get("number"), relativePath: try row.get("path")),
            status: FileStatus(
                sizeBytes: try row.get("size"), modifiedNanoseconds: try row.get("mtime"),
                changedNanoseconds: try row.get("ctime")),
            isKnown: try row.get("is_known"))
    }

    // MARK: Listing

    func folders(named name: String) async throws -> [String] {
        try await connection.rows("SELECT path FROM folder WHERE name = \(name) ORDER BY path").map {
            try $0.get("path")
        }
    }

    func files(in folder: String, recursive: Bool) async throws -> [SourceFile] {
        let condition: SQL =
            if !recursive {
                "folder = \(folder)"
            } else if folder.isEmpty {
                "1"
            } else {
                // "0" is the character after "/": the range is everything below the folder.
                "path > \(folder + "/") AND path < \(folder + "0")"
            }
        return try await connection.rows("SELECT number, path FROM file WHERE \(sql: condition) ORDER BY number").map {
            SourceFile(number: try $0.get("number"), relativePath: try $0.get("path"))
        }
    }

    func files(withExtension fileExtension: String) async throws -> [SourceFile] {
        // Names are compared in lower case, as SourceFile.fileExtension does.
        let pattern = "%." + fileExtension.lowercased()
        return try await connection.rows(
            "SELECT number, path FROM file WHERE lower(path) LIKE \(pattern) ORDER BY number"
        ).map { SourceFile(number: try $0.get("number"), relativePath: try $0.get("path")) }
    }

    func file(at relativePath: String) async throws -> SourceFile? {
        try await connection.rows("SELECT number, path FROM file WHERE path = \(relativePath)").first.map {
            SourceFile(number: try $0.get("number"), relativePath: try $0.get("path"))
        }
    }

    /// None of a file that cannot be read: nothing recognises it, and it is refused with the reason when its turn comes.
    func contents(of file: SourceFile, limit: Int?) async throws -> [UInt8] {
        (try? FileBytes.read(absolutePath(of: file), limit: limit)) ?? []
    }

    func absolutePath(of file: SourceFile) -> String { root + "/" + file.relativePath }

    private static func folder(of path: String) -> String {
        path.utf8.lastIndex(of: UInt8(ascii: "/")).map { String(path[..<$0]) } ?? ""
    }

    // MARK: Instances

    func add(_ instances: [PlannedInstance]) async throws {
        try await connection.load(
            table: "instance",
            columns: [
                "number", "patient_key", "patient_is_named", "study_key", "study_uid", "series_key", "series_uid",
                "role", "modality", "reader", "dataset", "source_series", "source_image",
                "names_other_patient",
            ], rows: instances.map(\.row))
    }

    /// The next series of the plain folders, in order of data set, patient, study and series; `nil` after the last.
    func series(after last: SeriesPlan?, datasets: [String: DatasetIdentity]) async throws -> SeriesPlan? {
        let position: SQL =
            if let last {
                """
                WHERE (dataset, patient_key, study_key, series_key) > (\(last.dataset.planKey), \(last.patientKey), \
                \(last.reference.studyKey), \(last.reference.seriesKey))
                """
            } else {
                ""
            }
        let first = try await connection.rows(
            """
            SELECT dataset, patient_key, study_key, series_key FROM instance \(sql: position)
            ORDER BY dataset, patient_key, study_key, series_key LIMIT 1
            """)
        guard let key = first.first else { return nil }
        let rows = try await connection.rows(
            """
            SELECT instance.*, file.path FROM instance JOIN file USING (number)
            WHERE dataset = \(try key.get("dataset", as: String.self))
            AND patient_key = \(try key.get("patient_key", as: String.self))
            AND study_key = \(try key.get("study_key", as: String.self))
            AND series_key = \(try key.get("series_key", as: String.self)) ORDER BY number
            """)
        let instances = try rows.map(PlannedInstance.init(row:))
        return instances.first.flatMap { first in
            datasets[first.dataset].map { first.plan(in: $0, files: instances) }
        }
    }
}
