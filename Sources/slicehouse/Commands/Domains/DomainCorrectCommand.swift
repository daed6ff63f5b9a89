import ArgumentParser
import Catalogue
import Ingestion
import SQLInterface
import Warehouse

struct DomainCorrectCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "correct",
        abstract: "Replace one label by what a person says, with author and reason.",
        discussion: """
            What was said before is kept and no longer counts; the new value passes the same rules as any other. \
            A correction can be corrected, and a withdrawn label gets a value again.

            EXAMPLES
              slicehouse domains correct epidural --patient 049 --slice 13 --value 1 \\
                --dataset physionet-ct-ich@1.3.1 \\
                --author "A. Reader" --reason "seen on the bone window"
              slicehouse domains correct age --patient 049 --withdraw \\
                --dataset physionet-ct-ich@1.3.1 \\
                --author "A. Reader" --reason "of another patient"
            """)

    @Argument(help: "Domain of the label.")
    var domain: String

    @OptionGroup var database: DatabaseOptions

    @Option(name: .long, help: "Patient, as the warehouse names it.")
    var patient: String?

    @Option(name: .long, help: "Series, by its Series Instance UID or series_id.")
    var series: String?

    @Option(name: .long, help: "Number of the slice, as the data set counts.")
    var slice: Int?

    @Option(name: .long, help: ArgumentHelp("SOP Instance UID of the slice.", valueName: "uid"))
    var image: String?

    @Option(name: .long, help: "Data set, name or name@version, where several have such a label.")
    var dataset: String?

    @Option(name: .long, help: "Source of the label, by name or id, where several have one.")
    var source: String?

    @Option(name: .long, help: ArgumentHelp("The label itself, by its id.", valueName: "id"))
    var label: Int64?

    // Of any form: a number may be below zero.
    @Option(name: .long, parsing: .unconditional, help: "What counts from now on, as a source would write it.")
    var value: String?

    @Flag(name: .long, help: "Nothing counts from now on.")
    var withdraw = false

    @OptionGroup var word: AuthorOptions

    func validate() throws {
        guard (value == nil) == withdraw else {
            throw ValidationError("Say what counts from now on with --value, or --withdraw the label.")
        }
        guard label != nil || patient != nil || series != nil || image != nil else {
            throw ValidationError("Say whose label it is: --patient, --series, --image or --label.")
        }
    }

    func run() async throws {
        try await database.withWarehouse(.write(create: false)) { warehouse in
            let corrections = LabelCorrections(warehouse: warehouse, clock: { .now() })
            if let dataset {
                try await warehouse.withConnection { try await DatasetChoice(dataset).check(on: $0) }
            }
            let found = try await corrections.candidates(query)
            if found.isEmpty { try refuse(waiting: await corrections.waitingCount(query)) }
            let label = try only(found)
            try await corrections.correct(
                label, domain: domain, by: .init(rawValue: value, author: word.author, reason: word.reason))
            let now = value.map { "\"\($0.visible)\" counts" } ?? "nothing counts"
            let before = label.isWithdrawn ? "withdrawn \"\(label.rawValue.visible)\"" : "\"\(label.rawValue.visible)\""
            Terminal.put("\(domain), \(label.source): \(before) is kept, \(now).")
        }
    }

    private var query: LabelCorrections.Query {
        var query = LabelCorrections.Query(domain: domain)
        (query.labelID, query.patient, query.slice, query.image) = (label, patient, slice, image)
        query.series = series
        (query.dataset, query.source) = (dataset.map { DatasetChoice($0) }, source)
        return query
    }

    /// There is such a label, though not yet of an image.
    private func refuse(waiting count: Int) throws {
        guard count > 0 else { return }
        let labels =
            count == 1
            ? "1 label of \(domain) fits and waits for its image"
            : "\(count) labels of \(domain) fit and wait for their images"
        throw CommandError("\(labels), which the warehouse does not have; ingest the images first.")
    }

    private func only(_ found: [LabelCorrections.Candidate]) throws -> LabelCorrections.Candidate {
        guard let first = found.first else {
            throw CommandError(
                "No label of \(domain) fits; see slicehouse domains, and give --slice or --image for one of a slice.")
        }
        guard found.count == 1 else {
            // What they say is an answer and no part of an error, which may end in a log.
            for label in found.prefix(Self.listedCount) { Terminal.put(Self.description(label)) }
            throw CommandError(Self.choice(among: found.count))
        }
        return first
    }

    private static let listedCount = 10

    private static func choice(among count: Int) -> String {
        guard count > listedCount else {
            return "\(count) labels fit; name one of those listed with --series, --source, --dataset or --label."
        }
        let limit = LabelCorrections.limit
        let fitting = count < limit ? "\(count)" : "More than \(limit - 1)"
        return "\(fitting) labels fit, of which the first \(listedCount) are listed; narrow the choice with --patient, "
            + "--series, --slice, --image, --source or --dataset, or name one with --label."
    }

    /// A label with everything by which it can be told from the others; two files of one table have one name.
    private static func description(_ label: LabelCorrections.Candidate) -> String {
        let series = label.series.map { ", --series \($0.visible)" } ?? ""
        let slice = label.slice.map { ", slice \($0)" } ?? ""
        let place = label.file.map { ", \($0.visible)" } ?? ""
        let value = "says \"\(label.rawValue.visible)\""
        return "\(label.labelID) of \(label.source) "
            + "(\(label.dataset), --source \(label.sourceID)\(series)\(slice)\(place), \(value))"
    }
}
