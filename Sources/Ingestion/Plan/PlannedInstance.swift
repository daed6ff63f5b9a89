internal import DICOM
internal import Datasets
internal import SQLInterface

/// A file of a plain folder, with the series that pass 1 says it belongs to.
struct PlannedInstance: Sendable {
    let file: SourceFile
    var patientKey: String
    let patientIsNamed: Bool
    let reference: SeriesReference
    let studyInstanceUID: String?
    let seriesInstanceUID: String?
    let role: SeriesRole
    let modality: String?
    let reader: FileReader
    /// Plan key of the data set.
    let dataset: String
    /// The series that this one was derived from.
    var source: SeriesSource?
    /// Where the source lies, by the word of the file. Not kept in the plan.
    var record: DerivationRecord?
    /// Series Instance UIDs of the images that a segmentation or structure set marks. Not kept in the plan.
    var markedSeries: [String] = []
    /// Of a DICOM file. Not kept in the plan.
    var sopInstanceUID: String?
    /// It marks images of another patient than its own header names.
    var namesOtherPatient = false
    /// It lies in the folder of a published data set. Not kept in the plan either.
    var isPublished = false
    /// SHA-256 of a volume that is one file and names nobody. Not kept in the plan.
    var volumeSHA256: [UInt8]?
}

extension DatasetIdentity {
    /// By what the plan knows a data set within a run: its name and version, and whether its files are clinical.
    var planKey: String { "\(reference) \(patientKeyKind.rawValue)" }

    /// The same data set for files of a plain folder, which are treated as clinical wherever they belong.
    var clinical: DatasetIdentity {
        DatasetIdentity(name: name, version: version, adapter: adapter, patientKeyKind: .clinical)
    }
}

extension PlannedInstance {
    var row: [SQLValue] {
        [
            .integer(Int64(file.number)), .text(patientKey), .boolean(patientIsNamed), .text(reference.studyKey),
            SQLValue(studyInstanceUID), .text(reference.seriesKey), SQLValue(seriesInstanceUID),
            .text(role.rawValue), SQLValue(modality), .text(reader.rawValue), .text(dataset),
            SQLValue(source?.seriesID), SQLValue(source?.imageUID), .boolean(namesOtherPatient),
        ]
    }

    init(row: Row) throws {
        file = SourceFile(number: try row.get("number"), relativePath: try row.get("path"))
        patientKey = try row.get("patient_key")
        patientIsNamed = try row.get("patient_is_named")
        reference = SeriesReference(studyKey: try row.get("study_key"), seriesKey: try row.get("series_key"))
        studyInstanceUID = try row.get("study_uid")
        seriesInstanceUID = try row.get("series_uid")
        role = SeriesRole(rawValue: try row.get("role")) ?? .image
        modality = try row.get("modality")
        reader = FileReader(rawValue: try row.get("reader")) ?? .dicom
        dataset = try row.get("dataset")
        namesOtherPatient = try row.get("names_other_patient")
        let (seriesID, imageUID): (Int64?, String?) = (try row.get("source_series"), try row.get("source_image"))
        source = seriesID == nil && imageUID == nil ? nil : SeriesSource(seriesID: seriesID, imageUID: imageUID)
    }

    /// The series of which this is the first file.
    func plan(in dataset: DatasetIdentity, files: [PlannedInstance]) -> SeriesPlan {
        var plan = SeriesPlan(
            dataset: dataset, patientKey: patientKey, patientIsNamed: patientIsNamed, reference: reference,
            studyInstanceUID: studyInstanceUID, seriesInstanceUID: seriesInstanceUID, role: role, modality: modality,
            source: source,
            files: files.map { PlannedFile(file: $0.file, reader: $0.reader) })
        plan.namesOtherPatient = files.contains(where: \.namesOtherPatient)
        return plan
    }
}
