internal import Catalogue
internal import SQLInterface
internal import Warehouse

/// Which patients a split is about: those with image series, of some data sets or of a query.
package struct PatientScope: Sendable, Hashable {
    /// Names of data sets; empty for all.
    package let datasets: [String]
    /// A query with the column `patient_id`; `nil` for all patients.
    package let query: UserQuery?

    package init(datasets: [String], query: UserQuery?) {
        self.datasets = datasets.sorted()
        self.query = query
    }

    /// Patients in order of id.
    ///
    /// **Throws** `CatalogueError` for a data set that does not exist, `badOption` for a query without `patient_id`.
    func patients(on connection: any WarehouseConnection) async throws -> [Int64] {
        try await check(on: connection)
        let rows = try await connection.rows(
            """
            SELECT patient.patient_id FROM patient
            JOIN dataset ON dataset.dataset_id = patient.dataset_id
            WHERE \(sql: condition) AND EXISTS (
                SELECT 1 FROM series WHERE series.patient_id = patient.patient_id AND series.role = 'image')
            ORDER BY patient.patient_id
            """)
        return try rows.map { try $0.get(at: 0) }
    }

    /// What holds for a row of `patient` and `dataset`.
    private var condition: SQL {
        var condition = DatasetChoice(datasets).condition
        if let query {
            condition.append(
                " AND patient.patient_id IN (SELECT chosen.patient_id FROM \(sql: query.expression) AS chosen)")
        }
        return condition
    }

    private func check(on connection: any WarehouseConnection) async throws {
        try await DatasetChoice(datasets).check(on: connection)
        guard let query else { return }
        guard try await query.columns(on: connection).contains("patient_id") else {
            throw TrainingError(.badOption, "--query", "its result has no column patient_id, which names the patients")
        }
    }
}
