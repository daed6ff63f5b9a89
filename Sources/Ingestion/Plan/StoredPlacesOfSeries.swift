internal import Datasets
internal import SQLInterface
internal import Warehouse

/// Where stored series lie: data set, patient and study, for files that belong beside them.
struct StoredPlacesOfSeries: Sendable {
    let connection: any WarehouseConnection

    struct Place: Sendable {
        /// Series Instance UID; empty where the series has none.
        let key: String
        let seriesID: Int64
        let derivedFrom: Int64?
        let dataset: DatasetIdentity
        let patientKey: String
        let studyKey: String
        let studyInstanceUID: String?
    }

    /// Series with these UIDs.
    func stored(_ uids: [String]) async throws -> [Place] {
        var found: [Place] = []
        for start in stride(from: 0, to: uids.count, by: 500) {
            let page = Array(uids[start..<min(start + 500, uids.count)])
            found += try await places("series.series_instance_uid IN \(list: page) AND series.variant = 0")
        }
        return found
    }

    /// An image series by its id.
    func source(_ seriesID: Int64?) async throws -> Place? {
        guard let seriesID else { return nil }
        return try await places("series.series_id = \(seriesID) AND series.role = 'image'").first
    }

    /// The image series that hold an image, those in the data set of that name first.
    func sources(holding imageUID: String?, first name: String) async throws -> [Place] {
        guard let imageUID else { return [] }
        let found = try await places(
            """
            series.role = 'image' AND series.variant = 0
            AND (series.patient_id, series.series_id) IN (
                SELECT patient_id, series_id FROM slice WHERE sop_instance_uid = \(imageUID))
            """)
        return found.filter { $0.dataset.name == name } + found.filter { $0.dataset.name != name }
    }

    private func places(_ condition: SQL) async throws -> [Place] {
        try await connection.rows(
            """
            SELECT series.series_instance_uid, series.series_id, series.derived_from, study.study_key,
                study.study_instance_uid, patient.patient_key, dataset.name, dataset.version, dataset.adapter,
                dataset.patient_key_kind
            FROM series
            JOIN study ON study.patient_id = series.patient_id AND study.study_id = series.study_id
            JOIN patient ON patient.patient_id = series.patient_id
            JOIN dataset ON dataset.dataset_id = patient.dataset_id
            WHERE \(sql: condition) ORDER BY series.series_id
            """
        ).map(Place.init(row:))
    }
}

extension StoredPlacesOfSeries.Place {
    fileprivate init(row: Row) throws {
        key = try row.get("series_instance_uid", as: String?.self) ?? ""
        seriesID = try row.get("series_id")
        derivedFrom = try row.get("derived_from")
        dataset = DatasetIdentity(
            name: try row.get("name"), version: try row.get("version"), adapter: try row.get("adapter"),
            patientKeyKind: PatientKeyKind(rawValue: try row.get("patient_key_kind")) ?? .clinical)
        patientKey = try row.get("patient_key")
        studyKey = try row.get("study_key")
        studyInstanceUID = try row.get("study_instance_uid")
    }

    /// That of a series which is to lie here.
    func derivation(from source: SeriesSource) -> Derivation {
        Derivation(
            datasetName: dataset.name, datasetVersion: dataset.version, adapter: dataset.adapter,
            isClinical: dataset.patientKeyKind == .clinical, patientKey: patientKey, studyKey: studyKey,
            studyInstanceUID: studyInstanceUID, source: source)
    }
}
