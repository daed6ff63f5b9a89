internal import Datasets
internal import SQLInterface
internal import Warehouse

/// Finds who or what the rows of a label table are about, patient by patient.
struct LabelSubjects {
    private let connection: any WarehouseConnection
    private let datasetID: Int64
    private let reference: SeriesReference?
    private var patients: [String: Int64?] = [:]
    private var slices: [Int64: [Int: LabelSubject]] = [:]

    init(datasetID: Int64, reference: SeriesReference?, on connection: any WarehouseConnection) {
        self.connection = connection
        self.datasetID = datasetID
        self.reference = reference
    }

    /// The subject, or the code of what is missing.
    enum Answer: Sendable {
        case found(LabelSubject)
        case missing(reason: String)
    }

    mutating func subject(of assertion: LabelAssertion) async throws -> Answer {
        guard let patientID = try await patient(assertion.patientKey) else {
            return .missing(reason: "patient_absent")
        }
        guard let number = assertion.instanceNumber else {
            return .found(.patient(patientID))
        }
        let slices = try await slices(of: patientID)
        if slices.isEmpty { return .missing(reason: "series_absent") }
        return slices[number].map(Answer.found) ?? .missing(reason: "slice_absent")
    }

    private mutating func patient(_ key: String) async throws -> Int64? {
        if let known = patients[key] { return known }
        let rows = try await connection.rows(
            "SELECT patient_id FROM patient WHERE dataset_id = \(datasetID) AND patient_key = \(key)")
        let id = try rows.first?.get("patient_id", as: Int64.self)
        patients[key] = .some(id)
        return id
    }

    private mutating func slices(of patientID: Int64) async throws -> [Int: LabelSubject] {
        if let known = slices[patientID] { return known }
        guard let reference else { return [:] }
        let rows = try await connection.rows(
            """
            SELECT slice.slice_id, slice.series_id, slice.instance_number FROM slice
            JOIN series ON series.patient_id = slice.patient_id AND series.series_id = slice.series_id
            JOIN study ON study.patient_id = series.patient_id AND study.study_id = series.study_id
            WHERE slice.patient_id = \(patientID) AND study.study_key = \(reference.studyKey)
            AND series.series_key = \(reference.seriesKey) AND series.variant = 0
            AND slice.instance_number IS NOT NULL
            """)
        var found: [Int: LabelSubject] = [:]
        for row in rows {
            found[try row.get("instance_number")] = .slice(
                try row.get("slice_id"), of: try row.get("series_id"), patientID: patientID)
        }
        slices[patientID] = found
        return found
    }
}
