internal import Datasets
internal import Domains

/// The subject of a label, found in the warehouse.
struct LabelSubject: Sendable, Hashable {
    let level: LabelLevel
    let patientID: Int64
    /// The series of the subject, at every level below the study.
    let seriesID: Int64?
    let sliceID: Int64?
    let annotationID: Int64?

    static func patient(_ id: Int64) -> LabelSubject {
        LabelSubject(level: .patient, patientID: id, seriesID: nil, sliceID: nil, annotationID: nil)
    }

    static func series(_ id: Int64, of patientID: Int64) -> LabelSubject {
        LabelSubject(level: .series, patientID: patientID, seriesID: id, sliceID: nil, annotationID: nil)
    }

    static func slice(_ id: Int64, of seriesID: Int64, patientID: Int64) -> LabelSubject {
        LabelSubject(level: .slice, patientID: patientID, seriesID: seriesID, sliceID: id, annotationID: nil)
    }

    static func annotation(_ id: Int64, of seriesID: Int64, patientID: Int64) -> LabelSubject {
        LabelSubject(level: .annotation, patientID: patientID, seriesID: seriesID, sliceID: nil, annotationID: id)
    }

    /// The id at its level.
    var id: Int64 {
        switch level {
        case .annotation: annotationID ?? patientID
        case .slice: sliceID ?? patientID
        case .series: seriesID ?? patientID
        case .patient, .study: patientID
        }
    }
}

/// A label whose subject is known, on its way into the warehouse.
struct ResolvedLabel: Sendable {
    let assertion: LabelAssertion
    let subject: LabelSubject
    let occurrence: Int
}

/// Where labels come from, with the ids that their rows name.
struct LabelOrigin: Sendable {
    let datasetID: Int64
    let sourceID: Int64
    let readerID: Int64
    let sourceFileID: Int64?
    let runID: Int64
}
