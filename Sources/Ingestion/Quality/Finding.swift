internal import CanonicalJSON
internal import SQLInterface

/// Something odd that was stored all the same.
struct Finding: Sendable {
    enum Severity: String, Sendable { case info, warning, error }

    enum Subject: Sendable, Hashable {
        case run
        case dataset(Int64)
        case sourceFile(Int64)
        case patient(Int64)
        case series(patientID: Int64, seriesID: Int64)
        case slice(patientID: Int64, seriesID: Int64?, sliceID: Int64)
    }

    /// Name of the check, snake_case.
    let check: String
    let severity: Severity
    let subject: Subject
    /// One sentence without identifiers.
    let sentence: String
    let detail: JSONValue

    init(check: String, severity: Severity, subject: Subject, sentence: String, detail: JSONValue = [:]) {
        self.check = check
        self.severity = severity
        self.subject = subject
        self.sentence = sentence
        self.detail = detail
    }
}

extension Finding.Subject {
    var level: String {
        switch self {
        case .run: "run"
        case .dataset: "dataset"
        case .sourceFile: "source_file"
        case .patient: "patient"
        case .series: "series"
        case .slice: "slice"
        }
    }

    /// dataset_id, source_file_id, patient_id, series_id, slice_id.
    var ids: [SQLValue] {
        switch self {
        case .run: [.null, .null, .null, .null, .null]
        case .dataset(let id): [.integer(id), .null, .null, .null, .null]
        case .sourceFile(let id): [.null, .integer(id), .null, .null, .null]
        case .patient(let id): [.null, .null, .integer(id), .null, .null]
        case .series(let patient, let series): [.null, .null, .integer(patient), .integer(series), .null]
        case .slice(let patient, let series, let slice):
            [.null, .null, .integer(patient), SQLValue(series), .integer(slice)]
        }
    }
}
