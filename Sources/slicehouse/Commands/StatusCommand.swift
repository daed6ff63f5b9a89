import ArgumentParser
import Foundation
import Ingestion
import SQLInterface
import Warehouse

struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show what the warehouse holds, its latest runs, and what was rejected.",
        usage: "slicehouse status [--rejected [--locate FOLDER]] [OPTIONS]",
        discussion: """
            Names of folders and files of clinical data sets are not stored, but tokens of them; --locate finds the \
            files again by the pseudonym key: in the folder they came from, or one above or below it.

            EXAMPLES
              slicehouse status
              slicehouse status --rejected
              slicehouse status --rejected --locate export/
            """)

    @OptionGroup var database: DatabaseOptions

    @Flag(name: .long, help: "List the quarantine: files and rows that stand rejected.")
    var rejected = false

    @Option(
        name: .long,
        help: ArgumentHelp("Folder in which to find clinical files again, by the pseudonym key.", valueName: "folder"))
    var locate: String?

    @Option(name: .long, help: "Runs to list.")
    var runs = 5

    @OptionGroup var format: FormatOptions

    func validate() throws {
        guard runs >= 0 else { throw ValidationError("--runs \(runs): a number of runs.") }
        guard rejected || locate == nil else {
            throw ValidationError("--locate belongs to --rejected: it names the files of the quarantine.")
        }
    }

    func run() async throws {
        if rejected { return try await showRejected() }
        let totals = try await database.rows(Self.totals)
        let latest = try await database.rows(Self.runs(limit: runs))
        Terminal.put(totals, as: format.rowFormat)
        if !format.json { Terminal.put("") }
        Terminal.put(latest, as: format.rowFormat)
    }

    private func showRejected() async throws {
        let rows = try await database.rows(Self.standing)
        let located = try locate.map { try LocatedFiles(rows, in: $0) }
        if located?.foundCount == 0, !rows.isEmpty { Terminal.say(LocatedFiles.none) }
        let shown = located?.rows ?? rows
        guard !format.json else { return Terminal.put(shown, as: .json) }
        Terminal.put(shown.isEmpty ? "Nothing stands rejected." : shown.map(text).joined(separator: "\n"))
    }

    /// A rejection with its whole sentence, since it says what to do.
    private func text(_ row: Row) -> String {
        func value(_ column: String) -> String? {
            switch row.columns.firstIndex(of: column).map({ row.values[$0] }) {
            case .text(let text): text.visible
            case .integer(let number): String(number)
            default: nil
            }
        }
        let place = [
            value("run_id").map { "run \($0)" }, value("dataset"), value("folder").map { "folder \($0)" },
            value("number").map { "file #\($0)" }, value("file"),
            value("row").map { "row \($0)" }, value("code"),
        ].compactMap(\.self).joined(separator: ", ")
        let limit = Terminal.columns(of: STDOUT_FILENO) ?? .max
        let sentence = (value("sentence") ?? "").wrapped(toColumns: limit - 4)
        return (place.wrapped(toColumns: limit) + sentence.map { "    " + $0 }).joined(separator: "\n")
    }

    private static let totals: SQL = """
        SELECT dataset.name AS dataset, dataset.version, count(DISTINCT patient.patient_id) AS patients,
            count(DISTINCT series.series_id) AS series, COALESCE(sum(series.slice_count), 0) AS slices
        FROM dataset
        LEFT JOIN patient ON patient.dataset_id = dataset.dataset_id
        LEFT JOIN series ON series.patient_id = patient.patient_id
        GROUP BY dataset.dataset_id, dataset.name, dataset.version ORDER BY dataset.name, dataset.version
        """

    private static func runs(limit: Int) -> SQL {
        """
        SELECT ingest_run_id AS run_id, started_at, status, seen_count AS seen, stored_count AS stored,
            known_count AS known, label_source_count AS label_tables, ignored_count AS ignored,
            rejected_count AS rejected, slice_count AS slices
        FROM ingest_run ORDER BY ingest_run_id DESC LIMIT \(limit)
        """
    }

    private static let standing: SQL = """
        SELECT rejection.ingest_run_id AS run_id,
            CASE WHEN dataset.version = '' THEN dataset.name ELSE dataset.name || '@' || dataset.version END AS dataset,
            source_file.root AS folder, source_file.relative_path AS file, rejection.file_number AS number,
            rejection.row_number AS row, rejection.stage, rejection.code, rejection.byte_offset AS at_byte,
            rejection.sentence
        FROM rejection
        LEFT JOIN source_file ON source_file.source_file_id = rejection.source_file_id
        LEFT JOIN dataset ON dataset.dataset_id = source_file.dataset_id
        WHERE rejection.replayed_at IS NULL
        ORDER BY rejection.ingest_run_id DESC, rejection.file_number, rejection.row_number
        """
}
