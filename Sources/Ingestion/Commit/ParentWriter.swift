internal import Datasets
internal import SQLInterface
internal import Warehouse

/// Adds the data sets, patients and studies of a batch, sorted by id and last in the transaction: runs that share
/// parents then hold their locks only briefly and in one order.
struct ParentWriter: Sendable {
    let connection: any WarehouseConnection
    let clock: @Sendable () -> SQLTimestamp

    func write(_ drafts: [SeriesDraft]) async throws {
        // Published images and files of a plain folder under one name: what hides more holds.
        let datasets = Dictionary(drafts.map { ($0.identity.datasetID, $0.plan.dataset) }) { first, second in
            first.patientKeyKind == .clinical ? first : second
        }
        let writer = DatasetWriter(connection: connection, clock: clock)
        for (id, dataset) in datasets.sorted(by: { $0.key < $1.key }) { try await writer.settle(dataset, id: id) }
        try await insert(
            drafts.map { draft in
                [
                    .integer(draft.identity.patientID), .integer(draft.identity.datasetID),
                    .text(draft.plan.patientKey),
                ]
            }, columns: ["patient_id", "dataset_id", "patient_key"], into: "patient")
        try await insert(
            drafts.map { draft in
                [
                    .integer(draft.identity.studyID), .integer(draft.identity.patientID),
                    .text(draft.plan.reference.studyKey), SQLValue(draft.plan.studyInstanceUID),
                ]
            }, columns: ["study_id", "patient_id", "study_key", "study_instance_uid"], into: "study")
    }

    /// Inserts rows whose first value is their id, unless they are there.
    private func insert(_ rows: [[SQLValue]], columns: [String], into table: String) async throws {
        var byID: [Int64: [SQLValue]] = [:]
        for row in rows { if case .integer(let id) = row[0] { byID[id] = row } }
        let ordered = byID.sorted { $0.key < $1.key }.map(\.value)
        for start in stride(from: 0, to: ordered.count, by: 500) {
            let page = ordered[start..<min(start + 500, ordered.count)]
            var statement: SQL = "INSERT INTO \(identifier: table) (\(raw: columns.joined(separator: ", "))) VALUES "
            for (index, row) in page.enumerated() {
                statement.append(index == 0 ? "" : ", ")
                statement.append("\(list: row)")
            }
            statement.append(" ON CONFLICT DO NOTHING")
            try await connection.execute(statement)
        }
    }
}
