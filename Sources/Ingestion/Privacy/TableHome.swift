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
        /// Nothing that is stored of its data set says whether patients are hidden there.
        case unknown
    }

    func answer(for plan: LabelFilePlan) async throws -> Answer {
        guard plan.hasImagesElsewhere else { return .published }
        if let stored = try await stored(plan.dataset) { return stored }
        return plainFolder(like: plan.dataset).map(Answer.clinical) ?? .unknown
    }

    /// The data set of plain folders that has this name: it is clinical before its first image is there.
    private func plainFolder(like dataset: DatasetIdentity) -> DatasetIdentity? {
        var folders = [FolderReader.dicom, FolderReader.images]
        if let name = settings.datasetName { folders.append(FolderReader.dicom.named(name)) }
        return folders.first { $0.name == dataset.name && $0.version == dataset.version }
    }

    /// By what is stored of the data set. One that has no patients was made by a table, which knows it only where the
    /// name is that of a plain folder.
    private func stored(_ dataset: DatasetIdentity) async throws -> Answer? {
        let rows = try await connection.rows(
            """
            SELECT dataset.adapter, dataset.patient_key_kind,
                CASE WHEN EXISTS (SELECT 1 FROM patient WHERE patient.dataset_id = dataset.dataset_id)
                    THEN 1 ELSE 0 END AS has_patients
            FROM dataset WHERE dataset.name = \(dataset.name) AND dataset.version = \(dataset.version)
            """)
        guard let row = rows.first else { return nil }
        let adapter: String = try row.get("adapter")
        let isClinical = try row.get("patient_key_kind", as: String.self) == PatientKeyKind.clinical.rawValue
        let hasPatients = try row.get("has_patients", as: Int.self) == 1
        guard hasPatients || isClinical && FolderReader.adapters.contains(adapter) else { return nil }
        guard isClinical else { return .published }
        return .clinical(
            DatasetIdentity(
                name: dataset.name, version: dataset.version, adapter: adapter, patientKeyKind: .clinical))
    }
}

extension TableHome.Answer {
    /// What a table makes the data set where it comes before the first image.
    func dataset(as declared: DatasetIdentity) -> DatasetIdentity {
        switch self {
        case .published: declared
        case .clinical(let dataset): dataset
        // Only its images can say that it is published.
        case .unknown: declared.clinical
        }
    }

    /// What a patient whom the table names is called in the warehouse.
    ///
    /// **Throws** `unknown_dataset`: read now, the identifiers would be stored as they are written.
    func patientKey(
        for plan: LabelFilePlan, in context: RunContext
    ) throws(LabelTableError) -> @Sendable (WrittenPatient) -> String {
        if case .published = self { return { $0.identifier } }
        let mayName = !plan.namesPatientsElsewhere || context.settings.keepIdentifiers
        if case .unknown = self, !mayName {
            throw LabelTableError(
                code: "unknown_dataset",
                sentence: "it names patients of the data set \(plan.dataset.name), version \(plan.dataset.version), of "
                    + "which no image is stored, so that nothing says whether their identifiers must be hidden; ingest "
                    + "the images first, then this table with --replay-rejected.")
        }
        // Keys are opened before the first table is read; another run has stored the images since.
        guard mayName || context.pseudonymizer != nil else {
            throw LabelTableError(
                code: "unknown_dataset",
                sentence: "it names patients of the data set \(plan.dataset.name), version \(plan.dataset.version), "
                    + "whose first images came while this run was going; ingest this table again with "
                    + "--replay-rejected.")
        }
        let names = PatientNames(pseudonymizer: context.pseudonymizer)
        return { names.key($0) }
    }
}
