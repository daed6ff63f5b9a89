import ArgumentParser
import CanonicalJSON
import Foundation
import Ingestion
import SQLInterface
import Warehouse

struct IngestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ingest",
        abstract: "Read folders of images, masks and labels into the warehouse.",
        usage: "slicehouse ingest PATH... [OPTIONS]",
        discussion: """
            Data sets are recognised by what lies in the folder, wherever it was unpacked; DICOM files by their \
            content, whatever their names. A rerun is a no-op. Files that cannot be used go to quarantine and stop \
            nothing: see slicehouse status --rejected. A folder that holds a file .slicehouse-ignore is passed by.

            EXAMPLES
              slicehouse ingest physionet-ich/
              slicehouse ingest --database postgresql://loader@db/imaging export/
              slicehouse ingest --dry-run export/
            """)

    @Argument(help: "Folders or files.")
    var paths: [String]

    @OptionGroup var database: DatabaseOptions

    @Option(name: .long, help: "Name of the data set, instead of the one its adapter gives.")
    var dataset: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Layout to look for: \(DatasetDetector.adapterNames.joined(separator: ", ")), or one of etl/sources.",
            valueName: "name"))
    var adapter: String?

    @Option(name: .long, help: "Files read at the same time (default: number of cores).")
    var workers: Int?

    /// Small transactions are slow and make every point between two of them reachable for tests.
    @Option(
        name: .long, help: ArgumentHelp("Slices of one transaction, unless one series has more.", visibility: .hidden))
    var batchSlices: Int?

    @Flag(name: .long, help: "Say what would be read that the warehouse does not know, and write nothing.")
    var dryRun = false

    @Flag(
        name: .long,
        help: "Read files again even where size and times are unchanged, and mend stored pixels that are damaged.")
    var rehash = false

    @Flag(name: .long, help: "Try files again that an earlier run rejected.")
    var replayRejected = false

    @Flag(name: .long, help: "Store patient identifiers, whole headers and file names as they are.")
    var keepIdentifiers = false

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Store the volumes (NIfTI, MetaImage) as masks of this stored series, by UID or id; the grid must be the "
                + "same. Without --target what they mark is called mask (of several values mask 1, mask 2 and so on).",
            valueName: "series"))
    var masksFor: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "What the masks mark; NAME=VALUE, repeated, names each value of a label map.", valueName: "name"))
    var target: [String] = []

    @Option(name: .long, help: "Who made the masks: a code, not a person's name.")
    var reader: String?

    @OptionGroup var format: FormatOptions

    func validate() throws {
        try validateMasks()
        guard let adapter, !DatasetDetector.adapterNames.contains(adapter) else { return }
        let declared = (try? SQLLibrary.locate()).map { SourceLibrary(root: $0.home).sourceNames } ?? []
        guard !declared.contains(adapter) else { return }
        throw ValidationError(
            "--adapter \(adapter): there is no such adapter; known are "
                + (DatasetDetector.adapterNames + declared).joined(separator: ", "))
    }

    private func validateMasks() throws {
        guard masksFor != nil else {
            guard target.isEmpty, reader == nil else {
                throw ValidationError("--target and --reader say something of masks: name their series by --masks-for")
            }
            return
        }
        if dryRun { throw ValidationError("--dry-run reads no voxels, so it cannot tell what --masks-for would do") }
        if dataset != nil || adapter != nil {
            throw ValidationError(
                "--masks-for puts masks into the data set of their images; leave out --dataset, --adapter")
        }
    }

    func run() async throws {
        let settings = try options().resolve(coreCount: ProcessInfo.processInfo.activeProcessorCount)
        if dryRun { return try await preview(settings) }
        // Before a warehouse is made for nothing.
        for path in paths { try await check(path, settings) }
        let observer = ProgressLine(isQuiet: format.json)
        var hasRejections = false
        try await database.withWarehouse(.write(create: true)) { warehouse in
            let ingest = Ingest(
                into: warehouse, environment: ProcessInfo.processInfo.environment, observer: observer,
                version: Slicehouse.version, clock: Self.now)
            for path in paths {
                let summary = try await interruptible { try await ingest.run(path, settings: settings) }
                observer.finish()
                Terminal.put(format.json ? summary.json : SummaryText(summary).text)
                hasRejections = hasRejections || summary.hasRejections
            }
        }
        if hasRejections { throw Failure.someRejected }
    }

    /// **Throws** where there is nothing of this name, and no rejection of it that stands.
    private func check(_ path: String, _ settings: IngestSettings) async throws {
        do {
            _ = try IngestTarget(path: path)
        } catch {
            guard let warehouse = try? await existingWarehouse() else { throw error }
            do {
                _ = try await Ingest.target(
                    of: path, in: warehouse, settings: settings, environment: ProcessInfo.processInfo.environment)
                try await warehouse.close()
            } catch {
                try? await warehouse.close()
                throw error
            }
        }
    }

    private func interruptible<R>(_ body: () async throws -> R) async throws -> R {
        do {
            return try await body()
        } catch is CancellationError {
            Terminal.say("Interrupted; what was committed stays, and the same command goes on from there.")
            throw Failure.interrupted
        }
    }

    private func preview(_ settings: IngestSettings) async throws {
        let warehouse = try await existingWarehouse()
        for path in paths {
            let preview = try await IngestPreview(
                path: path, settings: settings, homeFolder: try SQLLibrary.locate().home, warehouse: warehouse,
                environment: ProcessInfo.processInfo.environment
            ).make()
            Terminal.put(format.json ? preview.json : preview.text)
        }
        try await warehouse?.close()
    }

    /// The warehouse that a dry run asks, if there is one; it is opened to read.
    private func existingWarehouse() async throws -> Warehouse? {
        do {
            return try await Warehouse.open(try database.location(), access: .read)
        } catch let failure as any DatabaseFailure where failure.kind == .databaseMissing {
            return nil
        }
    }

    private func options() throws -> IngestOptions {
        var options = IngestOptions(paths: paths)
        options.datasetName = dataset
        options.adapterName = adapter
        options.workers = workers
        options.batchSlices = batchSlices
        options.rehash = rehash
        options.replayRejected = replayRejected
        options.keepIdentifiers = keepIdentifiers
        options.masks = try masksFor.map { try MaskAssignment(series: $0, targets: target, reader: reader) }
        return options
    }

    private static let now: @Sendable () -> SQLTimestamp = {
        SQLTimestamp(microseconds: Int64(Date().timeIntervalSince1970 * 1_000_000))
    }
}

/// The end of a run for people.
struct SummaryText {
    private let summary: IngestSummary

    init(_ summary: IngestSummary) { self.summary = summary }

    var text: String {
        var lines = ["run \(summary.runID.map(String.init) ?? "-"): \(summary.seen) files seen = \(parts)"]
        lines.append(
            "  stored \(summary.slicesStored) slices in \(summary.seriesStored) series, \(summary.labelsStored) labels, "
                + "\(summary.masksStored) slice masks\(marks)\(waiting)")
        if summary.slicesMended > 0 {
            lines.append("  mended: \(summary.slicesMended) slices, whose stored pixels were missing or damaged")
        }
        lines += reasons("rejected", summary.rejectedByCode)
        if let notUnderstood { lines.append("  not understood: \(notUnderstood)") }
        if summary.rejectedRows > 0 { lines.append("  rejected rows of tables: \(summary.rejectedRows)") }
        if summary.incomplete > 0 { lines.append("  files of which frames are missing: \(summary.incomplete)") }
        if let gone = Self.count(files: summary.goneFiles, rows: summary.goneRows) {
            lines.append("  no longer rejected: \(gone), since the file is no longer there as it was")
        }
        if let standing { lines.append("  standing rejected: \(standing)") }
        lines += reasons("ignored", summary.ignoredByReason)
        if summary.findings > 0 { lines.append("  findings: \(summary.findings) new; see slicehouse sql findings") }
        lines.append(
            "  \(decimal(summary.seconds)) s, \(Int(Double(summary.slicesStored) / max(0.001, summary.seconds))) slices/s, "
                + "\(decimal(Double(summary.sourceBytes) / 1e6 / max(0.001, summary.seconds))) MB/s read")
        return lines.joined(separator: "\n")
    }

    /// A rerun reads no file again that it knows, and so would not say that it is still rejected.
    private var standing: String? {
        Self.count(files: summary.standingFiles, rows: summary.standingRows).map {
            $0 + " of this folder; slicehouse status --rejected says why, ingest --replay-rejected tries again"
        }
    }

    /// `2 files and 1 table row`; `nil` where there is none.
    private static func count(files: Int, rows: Int) -> String? {
        let counts = [(files, "file"), (rows, "table row")].filter { $0.0 > 0 }
        guard !counts.isEmpty else { return nil }
        return counts.map { "\($0.0) \($0.1)\($0.0 == 1 ? "" : "s")" }.joined(separator: " and ")
    }

    private var parts: String {
        "\(summary.stored) stored + \(summary.known) known + \(summary.labelSource) label tables + "
            + "\(summary.ignored) ignored + \(summary.rejected) rejected"
    }

    private var marks: String { summary.marksStored > 0 ? ", \(summary.marksStored) marks" : "" }

    private var waiting: String {
        let parts = [(summary.labelsUnresolved, "labels"), (summary.marksUnresolved, "marks")].filter { $0.0 > 0 }
        guard !parts.isEmpty else { return "" }
        return "; " + parts.map { "\($0.0) \($0.1)" }.joined(separator: " and ") + " wait for images that are not here"
    }

    /// Of the stored labels those that count nowhere yet.
    private var notUnderstood: String? {
        let count = summary.labelsQuarantined
        guard count > 0 else { return nil }
        return "\(count) \(count == 1 ? "label waits" : "labels wait") for a person; slicehouse sql label_quarantined "
            + "says in which tables and domains"
    }

    private func reasons(_ what: String, _ counts: [String: Int]) -> [String] {
        counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { "  \(what): \($0.value) × \($0.key)" }
    }

    private func decimal(_ number: Double) -> String { String(format: "%.1f", number) }
}

extension IngestSummary {
    /// The end of a run for machines.
    var json: String {
        let value: JSONValue = [
            "run_id": runID.map { .string(String($0)) } ?? .null, "seen": .integer(seen), "stored": .integer(stored),
            "known": .integer(known), "label_source": .integer(labelSource), "ignored": .integer(ignored),
            "rejected": .integer(rejected), "series_stored": .integer(seriesStored),
            "slices_stored": .integer(slicesStored), "slices_mended": .integer(slicesMended),
            "labels_stored": .integer(labelsStored), "labels_unresolved": .integer(labelsUnresolved),
            "labels_quarantined": .integer(labelsQuarantined), "marks_stored": .integer(marksStored),
            "marks_unresolved": .integer(marksUnresolved), "masks_stored": .integer(masksStored),
            "rejected_rows": .integer(rejectedRows), "incomplete": .integer(incomplete),
            "standing_rejected_files": .integer(standingFiles),
            "standing_rejected_rows": .integer(standingRows), "gone_rejected_files": .integer(goneFiles),
            "gone_rejected_rows": .integer(goneRows), "findings": .integer(findings),
            "rejected_by_code": .object(rejectedByCode.mapValues { .integer($0) }),
            "ignored_by_reason": .object(ignoredByReason.mapValues { .integer($0) }),
            "source_bytes": .number(Double(sourceBytes)), "seconds": .number(seconds),
        ]
        return value.text
    }
}
