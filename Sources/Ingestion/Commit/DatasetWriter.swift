internal import Datasets
internal import SQLInterface
internal import Warehouse

/// Adds data sets.
///
/// A table of labels may name a data set before its first image is there. Whether patients are hidden in it is then
/// known, at the latest, when images come: what these say of it takes the place of what the table said.
struct DatasetWriter: Sendable {
    let connection: any WarehouseConnection
    let clock: @Sendable () -> SQLTimestamp

    /// Leaves a data set of this name and version as it is.
    func add(_ dataset: DatasetIdentity, id: Int64) async throws {
        try await connection.execute(
            """
            INSERT INTO dataset (dataset_id, name, version, adapter, patient_key_kind, created_at)
            VALUES (\(id), \(dataset.name), \(dataset.version), \(dataset.adapter),
                \(dataset.patientKeyKind.rawValue), \(clock())) ON CONFLICT DO NOTHING
            """)
    }

    /// Makes a data set without patients what those say who know: images that come, or the name of a plain folder.
    ///
    /// One that is a plain folder's by its name stays so. Call it before the first patient is written.
    func settle(_ dataset: DatasetIdentity, id: Int64) async throws {
        try await add(dataset, id: id)
        try await connection.execute(
            """
            UPDATE dataset SET adapter = \(dataset.adapter), patient_key_kind = \(dataset.patientKeyKind.rawValue)
            WHERE dataset_id = \(id)
                AND (adapter <> \(dataset.adapter) OR patient_key_kind <> \(dataset.patientKeyKind.rawValue))
                AND NOT (patient_key_kind = 'clinical' AND adapter IN \(list: FolderReader.adapters))
                AND NOT EXISTS (SELECT 1 FROM patient WHERE patient.dataset_id = dataset.dataset_id)
            """)
    }
}
