internal import Datasets
internal import SQLInterface
internal import Warehouse

/// What a series that was derived inside the warehouse belongs to: the patient and study of its source.
///
/// Its files carry the patient's stored key, which must not become a pseudonym of a pseudonym, and no path from which
/// an adapter could tell the data set.
package struct Derivation: Sendable, Hashable {
    let datasetName: String
    let datasetVersion: String
    let adapter: String
    let patientKeyKind: PatientKeyKind
    let patientKey: String
    let studyKey: String
    let studyInstanceUID: String?
    let sourceSeriesID: Int64

    package init(
        datasetName: String, datasetVersion: String, adapter: String, isClinical: Bool, patientKey: String,
        studyKey: String, studyInstanceUID: String?, sourceSeriesID: Int64
    ) {
        self.datasetName = datasetName
        self.datasetVersion = datasetVersion
        self.adapter = adapter
        patientKeyKind = isClinical ? .clinical : .research
        self.patientKey = patientKey
        self.studyKey = studyKey
        self.studyInstanceUID = studyInstanceUID
        self.sourceSeriesID = sourceSeriesID
    }

    var dataset: DatasetIdentity {
        DatasetIdentity(
            name: datasetName, version: datasetVersion, adapter: adapter, patientKeyKind: patientKeyKind)
    }
}

/// Recognises files of derived series by their Series Instance UID: those that this run was told of, and those that the
/// warehouse holds as derived already, wherever their files lie now.
struct DerivationIndex: Sendable {
    private let derivations: [String: Derivation]

    init(
        of instances: [PlannedInstance], told: [String: Derivation], on connection: any WarehouseConnection
    ) async throws {
        var derivations = told
        let open = Set(instances.compactMap(\.seriesInstanceUID)).subtracting(told.keys).sorted()
        for start in stride(from: 0, to: open.count, by: 500) {
            let rows = try await connection.rows(
                """
                SELECT series.series_instance_uid, series.derived_from, study.study_key, study.study_instance_uid,
                    patient.patient_key, dataset.name, dataset.version, dataset.adapter, dataset.patient_key_kind
                FROM series
                JOIN study ON study.patient_id = series.patient_id AND study.study_id = series.study_id
                JOIN patient ON patient.patient_id = series.patient_id
                JOIN dataset ON dataset.dataset_id = patient.dataset_id
                WHERE series.derived_from IS NOT NULL
                    AND series.series_instance_uid IN \(list: Array(open[start..<min(start + 500, open.count)]))
                """)
            for row in rows {
                derivations[try row.get("series_instance_uid")] = Derivation(
                    datasetName: try row.get("name"), datasetVersion: try row.get("version"),
                    adapter: try row.get("adapter"),
                    isClinical: try row.get("patient_key_kind", as: String.self) == PatientKeyKind.clinical.rawValue,
                    patientKey: try row.get("patient_key"), studyKey: try row.get("study_key"),
                    studyInstanceUID: try row.get("study_instance_uid"), sourceSeriesID: try row.get("derived_from"))
            }
        }
        self.derivations = derivations
    }

    /// The instance where it belongs, with the data set that it then is in.
    func placed(_ instance: PlannedInstance) -> (instance: PlannedInstance, dataset: DatasetIdentity?) {
        guard let uid = instance.seriesInstanceUID, let derivation = derivations[uid] else { return (instance, nil) }
        return (instance.placed(by: derivation), derivation.dataset)
    }
}

extension PlannedInstance {
    fileprivate func placed(by derivation: Derivation) -> PlannedInstance {
        PlannedInstance(
            file: file, patientKey: derivation.patientKey, patientIsNamed: true,
            reference: SeriesReference(studyKey: derivation.studyKey, seriesKey: reference.seriesKey),
            studyInstanceUID: derivation.studyInstanceUID, seriesInstanceUID: seriesInstanceUID, role: role,
            modality: modality, reader: reader, dataset: derivation.dataset.planKey,
            derivedFrom: derivation.sourceSeriesID)
    }
}
