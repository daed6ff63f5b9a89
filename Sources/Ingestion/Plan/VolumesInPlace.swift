internal import Datasets
internal import SQLInterface
internal import Warehouse

/// Whose the volumes of a plain folder are that changed in their place.
///
/// Such a file names nobody, so that its content makes its patient. In a data set its name does: another header, or
/// other voxels, are of the series that came first. Here the place says the same, where the content is not stored yet.
///
/// **Cost** three indexed queries for 500 files.
struct VolumesInPlace: Sendable {
    private let connection: any WarehouseConnection
    private let context: RunContext
    private let dataset: DatasetIdentity
    /// Keys of patients, by number of the file; those that the content makes are left out.
    private var patientKeys: [Int: String] = [:]

    init(of instances: [PlannedInstance], context: RunContext, on connection: any WarehouseConnection) async throws {
        self.connection = connection
        self.context = context
        dataset = context.settings.datasetName.map(FolderReader.dicom.named) ?? FolderReader.images
        let volumes = instances.filter(\.isUnnamedVolume)
        for start in stride(from: 0, to: volumes.count, by: 500) {
            try await find(Array(volumes[start..<min(start + 500, volumes.count)]))
        }
    }

    /// The instance as one of the patient who has it.
    func placed(_ instance: PlannedInstance) -> PlannedInstance {
        guard let key = patientKeys[instance.file.number] else { return instance }
        var placed = instance
        placed.patientKey = key
        return placed
    }

    /// What is stored under its content stays there, and so does what was moved; then the place counts.
    private mutating func find(_ volumes: [PlannedInstance]) async throws {
        let stored = try await storedKeys(among: volumes.map(\.patientKey))
        let open = volumes.filter { !stored.contains($0.patientKey) }
        guard !open.isEmpty else { return }
        let ofContent = try await holders(ofContents: open.compactMap(\.volumeSHA256))
        let paths = open.map { context.cloak.path($0.file.relativePath, .clinical) }
        let ofPlace = try await holders(atPaths: paths)
        for (volume, path) in zip(open, paths) {
            patientKeys[volume.file.number] = volume.volumeSHA256.flatMap { ofContent[$0] } ?? ofPlace[path]
        }
    }

    private func storedKeys(among keys: [String]) async throws -> Set<String> {
        let rows = try await connection.rows(
            """
            SELECT patient.patient_key FROM dataset JOIN patient ON patient.dataset_id = dataset.dataset_id
            WHERE dataset.name = \(dataset.name) AND dataset.version = \(dataset.version)
                AND patient.patient_key IN \(list: keys)
            """)
        return Set(try rows.map { try $0.get("patient_key", as: String.self) })
    }

    /// A file whose header changed holds the voxels of a patient whom its first content made.
    private func holders(ofContents digests: [[UInt8]]) async throws -> [[UInt8]: String] {
        guard !digests.isEmpty else { return [:] }
        let rows = try await connection.rows(
            """
            SELECT source_file.sha256, patient.patient_key \(sql: unnamedVolumes)
                AND source_file.sha256 IN \(list: digests) AND slice_source.sha256 = source_file.sha256
            ORDER BY patient.patient_id
            """)
        var found: [[UInt8]: String] = [:]
        for row in rows {
            let digest: [UInt8] = try row.get("sha256")
            if found[digest] == nil { found[digest] = try row.get("patient_key") }
        }
        return found
    }

    /// Of several volumes that a file held, the one that it held last.
    private func holders(atPaths paths: [String]) async throws -> [String: String] {
        let rows = try await connection.rows(
            """
            SELECT source_file.relative_path, patient.patient_key \(sql: unnamedVolumes)
                AND source_file.root = \(context.cloak.root(.clinical)) AND source_file.relative_path IN \(list: paths)
            ORDER BY CASE WHEN slice_source.sha256 = source_file.sha256 THEN 0 ELSE 1 END, patient.patient_id
            """)
        var found: [String: String] = [:]
        for row in rows {
            let path: String = try row.get("relative_path")
            if found[path] == nil { found[path] = try row.get("patient_key") }
        }
        return found
    }

    /// Files with the first slice of an unnamed volume, and its patient.
    ///
    /// CROSS JOIN makes SQLite begin with the files, and not with every slice of the data set.
    private var unnamedVolumes: SQL {
        """
        FROM source_file
        CROSS JOIN slice_source
        CROSS JOIN slice
        CROSS JOIN series
        CROSS JOIN patient
        CROSS JOIN dataset
        WHERE slice_source.source_file_id = source_file.source_file_id AND slice_source.frame_number = 1
            AND slice.patient_id = slice_source.patient_id AND slice.slice_id = slice_source.slice_id
            AND series.patient_id = slice.patient_id AND series.series_id = slice.series_id
            AND patient.patient_id = series.patient_id AND dataset.dataset_id = patient.dataset_id
            AND series.role = 'image' AND series.series_key = 'file' AND series.series_instance_uid IS NULL
            AND dataset.name = \(dataset.name) AND dataset.version = \(dataset.version)
        """
    }
}

extension PlannedInstance {
    /// A volume of a plain folder that is no mask for a series.
    fileprivate var isUnnamedVolume: Bool {
        [.nifti, .metaImage].contains(reader) && role == .image && !patientIsNamed
    }
}
