internal import Datasets
internal import SQLInterface
internal import Warehouse

/// Tells of a table of labels whether the data set that it speaks of is clinical.
///
/// A declared source counts as published. But one that declares labels alone may speak of the images of plain folders,
/// whose patients have pseudonyms: what it calls them is hidden then, too, or the table is not read.
struct TableHome: Sendable {
    let connection: any WarehouseConnection
    let settings: IngestSettings

    enum Answer: Sendable {
        /// Its keys are kept as they are.
        case published
        case clinical(DatasetIdentity)
        /// It names patients of a data set of which nothing is stored.
        case unknown
    }

    func answer(for plan: LabelFilePlan) async throws -> Answer {
        guard plan.hasImagesElsewhere else { return .published }
        if let stored = try await stored(plan.dataset) { return stored }
        if let folder = plainFolder(like: plan.dataset) { return .clinical(folder) }
        return plan.namesPatientsElsewhere && !settings.keepIdentifiers ? .unknown : .published
    }

    /// The data set of plain folders that has this name: it is clinical before its first image is there.
    private func plainFolder(like dataset: DatasetIdentity) -> DatasetIdentity? {
        var folders = [FolderReader.dicom, FolderReader.images]
        if let name = settings.datasetName { folders.append(FolderReader.dicom.named(name)) }
        return folders.first { $0.name == dataset.name && $0.version == dataset.version }
    }

    /// By what is stored of the data set; a published one that has no patients was made by a table like this one.
    private func stored(_ dataset: DatasetIdentity) async throws -> Answer? {
        let rows = try await connection.rows(
            """
            SELECT dataset.adapter, dataset.patient_key_kind,
                CASE WHEN EXISTS (SELECT 1 FROM patient WHERE patient.dataset_id = dataset.dataset_id)
                    THEN 1 ELSE 0 END AS has_patients
            FROM dataset WHERE dataset.name = \(dataset.name) AND dataset.version = \(dataset.version)
            """)
        guard let row = rows.first else { return nil }
        if try row.get("patient_key_kind", as: String.self) == PatientKeyKind.clinical.rawValue {
            return .clinical(
                DatasetIdentity(
                    name: dataset.name, version: dataset.version, adapter: try row.get("adapter"),
                    patientKeyKind: .clinical))
        }
        return try row.get("has_patients", as: Int.self) == 1 ? .published : nil
    }
}

extension TableHome.Answer {
    /// Where the table makes the data set; `nil` as it is declared.
    var dataset: DatasetIdentity? {
        if case .clinical(let dataset) = self { dataset } else { nil }
    }

    /// **Throws** `unknown_dataset`: read now, the identifiers would be stored as they are written.
    func patientKey(
        for plan: LabelFilePlan, _ pseudonymizer: Pseudonymizer?
    ) throws(LabelTableError) -> (WrittenPatient) -> String {
        switch self {
        case .published: return { $0.identifier }
        case .clinical: return { PatientNames(pseudonymizer: pseudonymizer).key($0) }
        case .unknown:
            throw LabelTableError(
                code: "unknown_dataset",
                sentence: "it names patients of the data set \(plan.dataset.name), version \(plan.dataset.version), of "
                    + "which no image is stored, so that nothing says whether their identifiers must be hidden; ingest "
                    + "the images first, then this table with --replay-rejected.")
        }
    }
}
