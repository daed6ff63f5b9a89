internal import Datasets
internal import SQLInterface
internal import Warehouse

/// Puts a segmentation or structure set beside the images that it marks: in their data set, patient and study, whatever
/// folder it comes from and whatever its own header calls the patient.
///
/// One that is stored already stays where it is. One whose images are not there yet goes where its header says, until
/// they come (``StrayObjects``).
struct MarkedImageIndex: Sendable {
    fileprivate struct Home: Sendable {
        let dataset: DatasetIdentity
        let patientKey: String
        let studyKey: String
        let studyInstanceUID: String?
    }

    private var homes: [String: Home] = [:]

    init(of instances: [PlannedInstance], on connection: any WarehouseConnection) async throws {
        let marking = instances.filter { !$0.markedSeries.isEmpty }
        let wanted = Set(marking.flatMap(\.markedSeries) + marking.compactMap(\.seriesInstanceUID)).sorted()
        for start in stride(from: 0, to: wanted.count, by: 500) {
            let rows = try await connection.rows(
                """
                SELECT series.series_instance_uid, study.study_key, study.study_instance_uid, patient.patient_key,
                    dataset.name, dataset.version, dataset.adapter, dataset.patient_key_kind
                FROM series
                JOIN study ON study.patient_id = series.patient_id AND study.study_id = series.study_id
                JOIN patient ON patient.patient_id = series.patient_id
                JOIN dataset ON dataset.dataset_id = patient.dataset_id
                WHERE series.variant = 0
                    AND series.series_instance_uid IN \(list: Array(wanted[start..<min(start + 500, wanted.count)]))
                ORDER BY series.slice_count, series.series_id DESC
                """)
            // Of several the one with most slices, which is the last.
            for row in rows { homes[try row.get("series_instance_uid")] = try Home(row: row) }
        }
    }

    /// The instance where it belongs, with the data set that it then is in.
    func placed(_ instance: PlannedInstance) -> (instance: PlannedInstance, dataset: DatasetIdentity?) {
        let own = instance.seriesInstanceUID.flatMap { homes[$0] }
        guard let home = own ?? instance.markedSeries.lazy.compactMap({ homes[$0] }).first else {
            return (instance, nil)
        }
        let dataset = instance.isPublished ? home.dataset : home.dataset.clinical
        var placed = PlannedInstance(
            file: instance.file, patientKey: home.patientKey, patientIsNamed: true,
            reference: SeriesReference(studyKey: home.studyKey, seriesKey: instance.reference.seriesKey),
            studyInstanceUID: home.studyInstanceUID, seriesInstanceUID: instance.seriesInstanceUID,
            role: instance.role, modality: instance.modality, reader: instance.reader,
            dataset: dataset.planKey, markedSeries: instance.markedSeries, isPublished: instance.isPublished)
        placed.namesOtherPatient =
            instance.patientIsNamed && home.isComparable(with: instance) && home.patientKey != instance.patientKey
        return (placed, dataset)
    }

    /// Of an object beside images of another patient than its own header names.
    static func findingOfOtherPatient(_ subject: Finding.Subject) -> Finding {
        Finding(
            check: "mask_of_other_patient", severity: .warning, subject: subject,
            sentence: "It names another patient than the images that it marks, by Patient ID or its issuer; it "
                + "counts for the images that it names. Look whether it belongs to them, and else take it out "
                + "with slicehouse domains retire.")
    }
}

extension MarkedImageIndex.Home {
    /// Identifiers as they are, and pseudonyms of them, say nothing of each other.
    fileprivate func isComparable(with instance: PlannedInstance) -> Bool {
        instance.isPublished == (dataset.patientKeyKind == .research)
    }

    fileprivate init(row: Row) throws {
        let kind: String = try row.get("patient_key_kind")
        dataset = DatasetIdentity(
            name: try row.get("name"), version: try row.get("version"), adapter: try row.get("adapter"),
            patientKeyKind: PatientKeyKind(rawValue: kind) ?? .clinical)
        patientKey = try row.get("patient_key")
        studyKey = try row.get("study_key")
        studyInstanceUID = try row.get("study_instance_uid")
    }
}
