internal import Catalogue
internal import SQLInterface
internal import Warehouse

/// The order of patients in a table of labels, which older systems cut their folds from.
struct RowOrder: Sendable {
    /// Name of the label source.
    let source: String
    let datasets: [String]

    /// First row of each patient, 1-based without the header.
    func firstRows(on connection: any WarehouseConnection) async throws -> [Int64: Int] {
        let rows = try await connection.rows(
            """
            SELECT label.patient_id, min(label.source_row) AS first_row FROM label
            JOIN label_source ON label_source.label_source_id = label.label_source_id
            JOIN dataset ON dataset.dataset_id = label_source.dataset_id
            WHERE label_source.is_active AND label_source.name = \(source) AND label.source_row IS NOT NULL
                AND \(sql: DatasetChoice(datasets).condition)
            GROUP BY label.patient_id
            """)
        return Dictionary(
            try rows.map { (try $0.get(at: 0, as: Int64.self), try $0.get(at: 1, as: Int.self)) },
            uniquingKeysWith: { first, _ in first })
    }

    /// The table with the most rows, or the one of a name.
    ///
    /// **Throws** `notFound` where there is none.
    static func choose(
        _ name: String?, datasets: [String], on connection: any WarehouseConnection
    ) async throws -> String {
        let rows = try await connection.rows(
            """
            SELECT label_source.name, max(label.source_row) AS row_count FROM label
            JOIN label_source ON label_source.label_source_id = label.label_source_id
            JOIN dataset ON dataset.dataset_id = label_source.dataset_id
            WHERE label_source.is_active AND label.source_row IS NOT NULL AND \(sql: DatasetChoice(datasets).condition)
            GROUP BY label_source.name ORDER BY 2 DESC, 1
            """)
        let names = try rows.map { try $0.get(at: 0, as: String.self) }
        if let name {
            guard names.contains(name) else {
                throw TrainingError(
                    .notFound, "--source \(name)",
                    names.isEmpty
                        ? "there is no table of labels"
                        : "there is no such table of labels; there are \(names.joined(separator: ", "))")
            }
            return name
        }
        guard let largest = names.first else {
            throw TrainingError(.notFound, "--first-rows", "there is no table of labels whose rows could be counted")
        }
        return largest
    }
}
