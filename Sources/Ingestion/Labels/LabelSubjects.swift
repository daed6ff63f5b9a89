internal import Datasets
internal import Domains
internal import SQLInterface
internal import Warehouse

/// Finds who or what the rows of a label table are about, patient by patient; images that are named by their SOP
/// Instance UID all at once.
struct LabelSubjects {
    private let connection: any WarehouseConnection
    private let datasetID: Int64
    private var patients: [String: Int64?] = [:]
    private var series: [SeriesKey: LabelSubject?] = [:]
    private var slices: [SeriesKey: [Int: LabelSubject]] = [:]
    private var images: [String: LabelSubject]?

    private struct SeriesKey: Hashable {
        let patientID: Int64
        let study: String?
        let series: String
    }

    init(datasetID: Int64, on connection: any WarehouseConnection) {
        self.connection = connection
        self.datasetID = datasetID
    }

    /// The subject, or the code of what is missing.
    enum Answer: Sendable {
        case found(LabelSubject)
        case missing(reason: String)
    }

    mutating func subject(of key: LabelKey) async throws -> Answer {
        if let uid = key.sopInstanceUID {
            return try await images()[uid].map(Answer.found) ?? .missing(reason: "slice_absent")
        }
        guard let name = key.patient, let patientID = try await patient(name) else {
            return .missing(reason: "patient_absent")
        }
        guard key.level != .patient else { return .found(.patient(patientID)) }
        guard let series = key.series else { return .missing(reason: "series_absent") }
        let place = SeriesKey(patientID: patientID, study: key.study, series: series)
        guard key.level == .slice, let number = key.slice else {
            return try await self.series(place).map(Answer.found) ?? .missing(reason: "series_absent")
        }
        let slices = try await slices(of: place)
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

    private mutating func series(_ key: SeriesKey) async throws -> LabelSubject? {
        if let known = series[key] { return known }
        let rows = try await connection.rows(
            """
            SELECT series.series_id FROM series
            JOIN study ON study.patient_id = series.patient_id AND study.study_id = series.study_id
            WHERE series.patient_id = \(key.patientID) AND series.variant = 0
            AND (series.series_key = \(key.series) OR series.series_instance_uid = \(key.series))
            \(sql: studyCondition(key))
            ORDER BY series.series_key LIMIT 1
            """)
        let found = try rows.first.map { LabelSubject.series(try $0.get("series_id"), of: key.patientID) }
        series[key] = .some(found)
        return found
    }

    private func studyCondition(_ key: SeriesKey) -> SQL {
        key.study.map { "AND study.study_key = \($0)" } ?? ""
    }

    private mutating func slices(of key: SeriesKey) async throws -> [Int: LabelSubject] {
        if let known = slices[key] { return known }
        let rows = try await connection.rows(
            """
            SELECT slice.slice_id, slice.series_id, slice.instance_number FROM slice
            JOIN series ON series.patient_id = slice.patient_id AND series.series_id = slice.series_id
            JOIN study ON study.patient_id = series.patient_id AND study.study_id = series.study_id
            WHERE slice.patient_id = \(key.patientID) AND series.variant = 0
            AND (series.series_key = \(key.series) OR series.series_instance_uid = \(key.series))
            \(sql: studyCondition(key)) AND slice.instance_number IS NOT NULL
            ORDER BY CASE WHEN series.role = 'image' THEN 1 ELSE 0 END
            """)
        // Scouts of the series count from 1 as well; images come last, and stay.
        var found: [Int: LabelSubject] = [:]
        for row in rows {
            found[try row.get("instance_number")] = .slice(
                try row.get("slice_id"), of: try row.get("series_id"), patientID: key.patientID)
        }
        slices[key] = found
        return found
    }

    /// Images, and scouts of other UIDs.
    ///
    /// **Cost** some hundred bytes an image of the data set, once.
    private mutating func images() async throws -> [String: LabelSubject] {
        if let images { return images }
        var found = try await firstFrames(of: .image)
        found.merge(try await firstFrames(of: .localizer)) { image, _ in image }
        images = found
        return found
    }

    /// Slices by their SOP Instance UID. CROSS JOIN makes SQLite choose the series first, and not read all slices.
    private func firstFrames(of role: SeriesRole) async throws -> [String: LabelSubject] {
        var found: [String: LabelSubject] = [:]
        try await connection.stream(
            """
            SELECT slice.sop_instance_uid, slice.slice_id, slice.series_id, slice.patient_id FROM patient
            CROSS JOIN series
            CROSS JOIN slice
            WHERE patient.dataset_id = \(datasetID) AND series.patient_id = patient.patient_id AND series.variant = 0
            AND series.role = \(role.rawValue) AND slice.patient_id = series.patient_id
            AND slice.series_id = series.series_id AND slice.sop_instance_uid IS NOT NULL
            AND COALESCE(slice.frame_number, 1) = 1
            """, batchRows: 10_000
        ) { batch in
            for row in batch.rows {
                guard case .text(let uid) = row[0], case .integer(let slice) = row[1],
                    case .integer(let series) = row[2], case .integer(let patient) = row[3]
                else { continue }
                found[uid] = .slice(slice, of: series, patientID: patient)
            }
        }
        return found
    }
}
