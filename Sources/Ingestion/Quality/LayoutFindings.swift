internal import Datasets
internal import SQLInterface
internal import Warehouse

/// Stores what an adapter found odd about the files themselves, beside the patient or series it concerns.
struct LayoutFindings: Sendable {
    let context: RunContext

    func write(_ plans: [DatasetPlan], on connection: any WarehouseConnection) async throws -> Int {
        var findings: [Finding] = []
        for plan in plans {
            guard let dataset = plan.datasets.first else { continue }
            for finding in plan.findings {
                findings.append(
                    Finding(
                        check: finding.check, severity: .warning,
                        subject: try await subject(of: finding, in: dataset, on: connection),
                        sentence: finding.sentence))
            }
        }
        let found = findings
        return try await connection.transaction {
            try await FindingWriter(connection: connection, context: context).write(found)
        }
    }

    private func subject(
        of finding: LayoutFinding, in dataset: DatasetIdentity, on connection: any WarehouseConnection
    ) async throws -> Finding.Subject {
        guard let key = finding.patientKey else { return .run }
        let rows = try await connection.rows(
            """
            SELECT patient.patient_id, series.series_id FROM patient
            JOIN dataset ON dataset.dataset_id = patient.dataset_id
            LEFT JOIN study ON study.patient_id = patient.patient_id AND study.study_key = \(finding.reference?.studyKey)
            LEFT JOIN series ON series.patient_id = study.patient_id AND series.study_id = study.study_id
                AND series.series_key = \(finding.reference?.seriesKey) AND series.variant = 0
            WHERE dataset.name = \(dataset.name) AND dataset.version = \(dataset.version)
            AND patient.patient_key = \(key)
            """)
        guard let row = rows.first else { return .run }
        let patientID: Int64 = try row.get("patient_id")
        let seriesID: Int64? = try row.get("series_id")
        return seriesID.map { .series(patientID: patientID, seriesID: $0) } ?? .patient(patientID)
    }
}
