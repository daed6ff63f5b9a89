internal import Datasets
internal import SQLInterface
internal import Warehouse

/// Joins patients of several versions of one published data set: the same number is the same person.
struct PatientAliases: Sendable {
    let connection: any WarehouseConnection
    let clock: @Sendable () -> SQLTimestamp

    func join(_ dataset: DatasetIdentity) async throws {
        guard dataset.patientKeyKind == .research else { return }
        try await connection.execute(
            """
            INSERT INTO patient_alias (patient_id, alias_patient_id, reason, evidence, created_at)
            SELECT mine.patient_id, other.patient_id, 'adapter',
                'Versions of one published data set number their patients alike.', \(clock())
            FROM patient AS mine
            JOIN dataset AS my_dataset ON my_dataset.dataset_id = mine.dataset_id
            JOIN dataset AS other_dataset ON other_dataset.name = my_dataset.name
                AND other_dataset.version <> my_dataset.version
            JOIN patient AS other ON other.dataset_id = other_dataset.dataset_id
                AND other.patient_key = mine.patient_key
            WHERE my_dataset.name = \(dataset.name) AND mine.patient_id < other.patient_id
            AND my_dataset.patient_key_kind = 'research' AND other_dataset.patient_key_kind = 'research'
            ON CONFLICT DO NOTHING
            """)
    }
}
