internal import CanonicalJSON
internal import Datasets
internal import SQLInterface
internal import Warehouse

/// Stores the folds that the publishers of a data set gave it, as a split by the method `official`.
///
/// Patients that arrive later are added; nobody moves.
struct FoldWriter: Sendable {
    let connection: any WarehouseConnection
    let clock: @Sendable () -> SQLTimestamp

    func write(_ folds: OfficialFolds) async throws {
        let dataset = folds.dataset
        let name = dataset.name == dataset.adapter ? folds.splitName : "\(dataset.name)-\(folds.splitName)"
        let id = ContentKey("split", .text(name)).id()
        let patients = try await patients(folds)
        guard !patients.isEmpty else { return }
        let parameters: JSONValue = ["dataset": .string(dataset.name), "version": .string(dataset.version)]
        try await connection.execute(
            """
            INSERT INTO split (split_id, name, method, seed, parameters, created_at)
            VALUES (\(id), \(name), 'official', 0, \(parameters.text), \(clock())) ON CONFLICT DO NOTHING
            """)
        for (index, fold) in folds.folds.enumerated() {
            try await connection.execute(
                """
                INSERT INTO split_fold (split_id, fold, fold_index) VALUES (\(id), \(fold), \(index))
                ON CONFLICT DO NOTHING
                """)
        }
        for (patientID, fold) in patients {
            // The publishers assigned patients one by one: each is a unit of its own.
            try await connection.execute(
                """
                INSERT INTO split_unit (split_id, unit_key, fold) VALUES (\(id), \(String(patientID)), \(fold))
                ON CONFLICT DO NOTHING
                """)
            try await connection.execute(
                """
                INSERT INTO split_assignment (patient_id, split_id, unit_key, fold)
                SELECT \(patientID), split_id, unit_key, fold FROM split_unit
                WHERE split_id = \(id) AND unit_key = \(String(patientID)) ON CONFLICT DO NOTHING
                """)
        }
    }

    /// Folds of the patients that are in the warehouse and not in the split yet, in order of id.
    private func patients(_ folds: OfficialFolds) async throws -> [(Int64, String)] {
        let rows = try await connection.rows(
            """
            SELECT patient.patient_id, patient.patient_key FROM patient
            JOIN dataset ON dataset.dataset_id = patient.dataset_id
            WHERE dataset.name = \(folds.dataset.name) AND dataset.version = \(folds.dataset.version)
            ORDER BY patient.patient_id
            """)
        return try rows.compactMap { row in
            let id: Int64 = try row.get("patient_id")
            return try folds.foldOfPatient[row.get("patient_key")].map { (id, $0) }
        }
    }
}
