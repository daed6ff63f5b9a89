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
            let writer = FindingWriter(connection: connection, context: context)
            let count = try await writer.write(found)
            let current = Set(found.map(writer.id(of:)))
            for plan in plans {
                try await writer.remove(try await standing(plan, on: connection).subtracting(current))
            }
            return count
        }
    }

    private static let checks = ["missing_mask", "missing_volume", "missing_companion_slice"]

    /// Findings of earlier runs about the patients of a plan: what it no longer says was cured.
    private func standing(_ plan: DatasetPlan, on connection: any WarehouseConnection) async throws -> Set<Int64> {
        guard let dataset = plan.series.first?.dataset else { return [] }
        let patients = Set(plan.series.map(\.patientKey))
        let rows = try await connection.rows(
            """
            SELECT quality_finding.quality_finding_id, patient.patient_key FROM quality_finding
            JOIN patient ON patient.patient_id = quality_finding.patient_id
            JOIN dataset ON dataset.dataset_id = patient.dataset_id
            WHERE quality_finding.check_name IN \(list: Self.checks) AND dataset.name = \(dataset.name)
                AND dataset.version = \(dataset.version)
            """)
        return Set(
            try rows.filter { patients.contains(try $0.get("patient_key")) }.map {
                try $0.get("quality_finding_id", as: Int64.self)
            })
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
