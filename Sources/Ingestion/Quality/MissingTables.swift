internal import CanonicalJSON
internal import Catalogue
internal import Datasets
internal import SQLInterface
internal import Warehouse

/// Images of a published data set without what its tables say of them: a table was not in any folder that was ingested,
/// or has no rows.
struct MissingTables: Sendable {
    let connection: any WarehouseConnection
    let context: RunContext

    static let check = "images_without_table"

    /// Brings the findings of the data sets of a run up to date. Returns how many are new.
    func refresh(_ plans: [DatasetPlan]) async throws -> Int {
        let expected = plans.flatMap(\.expectedTables)
        let writer = FindingWriter(connection: connection, context: context)
        var findings: [Finding] = []
        var standing: Set<Int64> = []
        for dataset in Set(expected.map(\.dataset)) {
            guard let id = try await datasetWithImages(dataset) else { continue }
            standing.formUnion(
                try await writer.standing(where: "check_name = \(Self.check) AND dataset_id = \(id)"))
            for table in expected where table.dataset == dataset {
                if try await !isRead(table, datasetID: id) { findings.append(finding(table, datasetID: id)) }
            }
        }
        let (found, earlier) = (findings, standing)
        return try await connection.transaction {
            try await writer.replace(earlier, with: found)
        }
    }

    private func datasetWithImages(_ dataset: DatasetIdentity) async throws -> Int64? {
        try await connection.rows(
            """
            SELECT dataset.dataset_id FROM dataset
            WHERE dataset.name = \(dataset.name) AND dataset.version = \(dataset.version) AND EXISTS (
                SELECT 1 FROM patient JOIN series ON series.patient_id = patient.patient_id
                WHERE patient.dataset_id = dataset.dataset_id AND series.role = 'image')
            """
        ).first?.get("dataset_id")
    }

    /// Whether a table of the name is in force and says something, of images that are here or not. A table that a
    /// person retired is not missed.
    private func isRead(_ table: ExpectedTable, datasetID: Int64) async throws -> Bool {
        try await !connection.rows(
            """
            SELECT 1 FROM label_source
            WHERE label_source.dataset_id = \(datasetID) AND label_source.name IN \(list: table.sourceNames) AND (
                EXISTS (
                    SELECT 1 FROM label_source_retirement
                    WHERE label_source_retirement.label_source_id = label_source.label_source_id
                        AND label_source_retirement.restored_at IS NULL)
                OR label_source.is_active AND (
                    \(sql: Self.hasMarks)
                    OR EXISTS (
                        SELECT 1 FROM label_unresolved
                        WHERE label_unresolved.label_source_id = label_source.label_source_id)
                    OR EXISTS (
                        SELECT 1 FROM patient CROSS JOIN label
                        WHERE patient.dataset_id = \(datasetID) AND label.patient_id = patient.patient_id
                            AND label.label_source_id = label_source.label_source_id)))
            LIMIT 1
            """
        ).isEmpty
    }

    private func finding(_ table: ExpectedTable, datasetID: Int64) -> Finding {
        let dataset = DatasetChoice.reference(name: table.dataset.name, version: table.dataset.version)
        let names = table.sourceNames.joined(separator: " or ")
        return Finding(
            check: Self.check, severity: .warning, subject: .dataset(datasetID),
            sentence: "Images of \(dataset) are here and no labels of its table \(names): the table was not in a "
                + "folder that was ingested, or no row of it could be read; ingest the table too.",
            detail: ["tables": .strings(table.sourceNames)])
    }
}
