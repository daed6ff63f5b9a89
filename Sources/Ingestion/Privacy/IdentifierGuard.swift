internal import CanonicalJSON
internal import Datasets
internal import SQLInterface
internal import Warehouse

/// Sees that a clinical data set is filled either with pseudonyms or with identifiers, never with both: each person
/// would be stored twice.
struct IdentifierGuard: Sendable {
    let connection: any WarehouseConnection
    let settings: IngestSettings

    /// Data sets that the plain folders of this run go to. Files that `denoise` wrote just now go to those of their
    /// sources, and nowhere else.
    private var ownNames: [String] {
        guard settings.derivations.isEmpty else { return [] }
        return settings.datasetName.map { [$0] } ?? [FolderReader.dicom.name, FolderReader.images.name]
    }

    /// - Parameter homes: Clinical data sets of images that files of this run mark, and so come to lie beside.
    /// **Throws** `badOption` where the runs that filled the data set kept identifiers and this one would not, or the
    /// other way round.
    func check(homes: [String]? = nil) async throws {
        if let name = try await refused(among: homes ?? ownNames).first { throw refusal(of: name) }
    }

    /// Those of the clinical data sets that were filled the other way: with images, or with people whom a table names
    /// and whose images are not there.
    ///
    /// All of these were named in one way, since this is asked before each table: the first speaks for them.
    func refused(among names: [String]) async throws -> [String] {
        guard !names.isEmpty else { return [] }
        let runs = try await connection.rows(
            """
            SELECT dataset.name AS name, ingest_run.options AS options
            FROM dataset JOIN patient ON patient.dataset_id = dataset.dataset_id
            JOIN series ON series.patient_id = patient.patient_id
            JOIN ingest_run ON ingest_run.ingest_run_id = series.ingest_run_id
            WHERE dataset.patient_key_kind = 'clinical' AND dataset.name IN \(list: names)
                AND series.derived_from IS NULL
            UNION
            SELECT dataset.name AS name, ingest_run.options AS options
            FROM dataset CROSS JOIN ingest_run
            WHERE dataset.patient_key_kind = 'clinical' AND dataset.name IN \(list: names)
                AND ingest_run.ingest_run_id = (
                    SELECT label_unresolved.ingest_run_id FROM label_unresolved
                    WHERE label_unresolved.dataset_id = dataset.dataset_id AND label_unresolved.patient_key >= ''
                    ORDER BY label_unresolved.patient_key LIMIT 1)
            """)
        return try runs.compactMap { run in
            let options = try JSONValue(parsing: try run.get("options"))
            return options["keep_identifiers"] == .boolean(settings.keepIdentifiers) ? nil : try run.get("name")
        }
    }

    private func refusal(of dataset: String) -> IngestionError {
        let kept = settings.keepIdentifiers
        return IngestionError(
            code: .badOption, subject: "--keep-identifiers",
            reason: "the data set \(dataset) of this warehouse is stored with "
                + (kept ? "pseudonyms" : "identifiers as they are")
                + ", so the same people would be stored twice; "
                + (kept ? "leave the option out" : "give the option")
                + ", or name another data set with --dataset")
    }
}
