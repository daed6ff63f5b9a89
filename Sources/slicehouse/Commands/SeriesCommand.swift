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
            The column masks says what is marked on the images, and on how many slices: haemorrhage 5, lung 30.

            EXAMPLES
              slicehouse series
              slicehouse series --dataset dicom --modality CT
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

    @OptionGroup var format: FormatOptions

    func validate() throws {
        guard limit >= 0 else { throw ValidationError("--limit \(limit): a number of series, or 0 for all.") }
    }

    func run() async throws {
        var condition: SQL = "1 = 1"
        if let dataset { condition.append(" AND \(sql: DatasetChoice(dataset).condition)") }
        if let patient { condition.append(" AND patient.patient_key = \(patient)") }
        if let modality { condition.append(" AND series.modality = \(modality.uppercased())") }
        let rows = try await database.withWarehouse { warehouse in
            try await warehouse.withConnection { connection in
                if let dataset { try await DatasetChoice(dataset).check(on: connection) }
                let masks = try await MaskedSlices(where: condition, on: connection)
                return masks.added(to: try await connection.rows(listing(of: condition)))
            }
        }
        Terminal.put(rows, as: format.rowFormat)
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
