import ArgumentParser
import Catalogue
import SQLInterface
import Warehouse

struct SeriesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "series",
        abstract: "List what is stored, one line a series.",
        usage: "slicehouse series [OPTIONS]",
        discussion: """
            The column masks says what is marked on the images, and on how many slices: haemorrhage 5, lung 30; in JSON \
            an object of these counts.
            --files lists the files that each series was read from, as the warehouse stores their names: of clinical \
            data these are tokens, which --locate finds again in the folder they came from, or one above or below it, \
            by the pseudonym key.

            EXAMPLES
              slicehouse series
              slicehouse series --dataset dicom --modality CT
              slicehouse series --dataset images --files
              slicehouse series --dataset images --locate volumes/
            """)

    @OptionGroup var database: DatabaseOptions

    @Option(name: .long, help: "Only this data set, name or name@version.")
    var dataset: String?

    @Option(name: .long, help: "Only this patient key.")
    var patient: String?

    @Option(name: .long, help: "Only this modality.")
    var modality: String?

    @Option(name: .long, help: "Series to list at most; 0 for all.")
    var limit = 0

    @Flag(name: .long, help: "One line a file instead: which files the series were read from.")
    var files = false

    @Option(
        name: .long,
        help: ArgumentHelp("--files, with the names of clinical files that lie in this folder.", valueName: "folder"))
    var locate: String?

    @OptionGroup var format: FormatOptions

    func validate() throws {
        guard limit >= 0 else { throw ValidationError("--limit \(limit): a number of series, or 0 for all.") }
    }

    func run() async throws {
        var condition: SQL = "1 = 1"
        if let dataset { condition.append(" AND \(sql: DatasetChoice(dataset).condition)") }
        if let patient { condition.append(" AND patient.patient_key = \(patient)") }
        if let modality { condition.append(" AND series.modality = \(modality.uppercased())") }
        let listsFiles = files || locate != nil
        let (rows, masks) = try await database.withWarehouse { warehouse in
            try await warehouse.withConnection { connection -> (RowSet, MaskedSlices?) in
                if let dataset { try await DatasetChoice(dataset).check(on: connection) }
                if listsFiles { return (try await connection.rows(fileListing(of: condition)), nil) }
                let masks = try await MaskedSlices(where: condition, on: connection)
                return (try await connection.rows(listing(of: condition)), masks)
            }
        }
        if let masks { return try put(rows, masks) }
        guard let locate else { return Terminal.put(rows, as: format.rowFormat) }
        let located = try LocatedFiles(rows, in: locate)
        if located.foundCount == 0, !rows.isEmpty { Terminal.say(LocatedFiles.none) }
        Terminal.put(located.rows, as: format.rowFormat)
    }

    private func put(_ rows: RowSet, _ masks: MaskedSlices) throws {
        guard format.json else { return Terminal.put(try masks.added(to: rows), as: format.rowFormat) }
        let text = try masks.json(rows)
        if !text.isEmpty { Terminal.put(text) }
    }

    /// The files of slices, and those of objects without pixels and of headers beside their voxels.
    private func fileListing(of condition: SQL) -> SQL {
        """
        WITH listed AS (\(sql: listing(of: condition))),
        origin AS (
            SELECT slice.series_id, slice_source.source_file_id
            FROM listed
            INNER JOIN series ON series.series_id = listed.series_id
            INNER JOIN slice ON slice.patient_id = series.patient_id AND slice.series_id = series.series_id
            INNER JOIN slice_source ON slice_source.patient_id = slice.patient_id
                AND slice_source.slice_id = slice.slice_id
            UNION
            SELECT series_source.series_id, series_source.source_file_id
            FROM listed
            INNER JOIN series ON series.series_id = listed.series_id
            INNER JOIN series_source ON series_source.patient_id = series.patient_id
                AND series_source.series_id = series.series_id
        )
        SELECT listed.series_id, listed.dataset, listed.version, listed.patient, listed.series, listed.variant,
            listed.role, source_file.root AS folder, source_file.relative_path AS file
        FROM listed
        INNER JOIN origin ON origin.series_id = listed.series_id
        INNER JOIN source_file ON source_file.source_file_id = origin.source_file_id
        ORDER BY listed.dataset, listed.version, listed.patient, listed.series, listed.variant, source_file.root,
            source_file.relative_path
        """
    }

    private func listing(of condition: SQL) -> SQL {
        let end: SQL = limit > 0 ? "LIMIT \(limit)" : ""
        return """
            SELECT series.series_id, dataset.name AS dataset, dataset.version, patient.patient_key AS patient,
                series.series_key AS series, series.variant, series.role, series.modality,
                series.geometry_kind AS geometry, series.slice_count AS slices, series.slice_spacing_mm AS spacing_mm,
                series.ordering_rule AS ordered_by, series.derived_from
            FROM series
            JOIN patient ON patient.patient_id = series.patient_id
            JOIN dataset ON dataset.dataset_id = patient.dataset_id
            WHERE \(sql: condition)
            ORDER BY dataset.name, dataset.version, patient.patient_key, series.series_key, series.variant
            \(sql: end)
            """
    }
}
