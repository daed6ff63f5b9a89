import ArgumentParser
import CanonicalJSON
import SQLInterface
import Training
import Warehouse

struct SplitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "split",
        abstract: "Put patients into folds, so that none is in two.",
        discussion: """
            What is split is the connected identity: patients joined by an alias, or by a picture that both have. A \
            fold is given once; patients who come later get theirs from split extend, and nobody moves.

            EXAMPLES
              slicehouse split create ich --stratify haemorrhage \\
                --dataset physionet-ct-ich
              slicehouse split create ich5 --k-folds 5 --stratify haemorrhage \\
                --dataset physionet-ct-ich
              slicehouse split show ich
              slicehouse split check
            """,
        subcommands: [
            SplitCreateCommand.self, SplitListCommand.self, SplitShowCommand.self, SplitExtendCommand.self,
            SplitCheckCommand.self,
        ])
}

struct SplitCreateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Make a split; the same split again is found, not made.",
        usage: "slicehouse split create NAME [OPTIONS]",
        discussion: """
            Without --stratify a fold is a function of the seed and the identity alone (docs/formats.md), so that \
            shares are met on the average. With it, or with --method balanced, units are counted out, within strata; \
            strata too small for the folds are merged, and named.

            All patients with images are split, whatever they have; --dataset and --query choose some.

            EXAMPLES
              slicehouse split create ich --stratify haemorrhage \\
                --dataset physionet-ct-ich --folds train=0.7,validation=0.15,test=0.15
              slicehouse split create heads --seed 7 --dataset physionet-ct-ich
              slicehouse split create cv --k-folds 5
              slicehouse split create luna --official
              slicehouse split create luna-3-1 --official \\
                --folds train=subset0+subset1+subset2,test=subset9
              slicehouse split create dr --first-rows 30000 \\
                --dataset kaggle-diabetic-retinopathy
            """)

    @Argument(help: "Name of the split: letters, digits, hyphens, underscores.")
    var name: String

    @OptionGroup var database: DatabaseOptions

    @Option(name: .long, help: "What stays together: patient, with all that is connected to it.")
    var by = "patient"

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Names and shares (default: \(SplitOptions.defaultFolds)).", valueName: "name=share,..."))
    var folds: String?

    @Option(name: .long, help: ArgumentHelp("Equal folds fold-0, fold-1 and so on.", valueName: "count"))
    var kFolds: Int?

    @Option(name: .long, help: "hash or balanced (default: hash; balanced with --stratify).")
    var method: String?

    @Option(
        name: .long,
        help: ArgumentHelp("Label domain, or family of domains, to balance over the folds.", valueName: "domain"))
    var stratify: String?

    @Option(name: .long, help: "Seed of the hash.")
    var seed: Int64 = 0

    @Option(name: .long, help: "Only patients of this data set, name or name@version; may be repeated.")
    var dataset: [String] = []

    @Option(
        name: .long,
        help: ArgumentHelp("Only patients that this query has in a column patient_id.", valueName: "file.sql"))
    var query: String?

    @Flag(name: .long, help: "The folds that the publishers gave (LUNA16: subset0 to subset9).")
    var official = false

    @Option(
        name: .long,
        help: ArgumentHelp(
            "As older systems split: the first rows of a table of labels train, the rest validates.",
            valueName: "count"))
    var firstRows: Int?

    @Option(name: .long, help: "With --first-rows, the table (default: the longest).")
    var source: String?

    @OptionGroup var format: FormatOptions

    func validate() throws {
        guard by == "patient" else {
            throw ValidationError(
                "--by \(by): only patient is possible; slices of one patient in two folds would be leakage.")
        }
        do {
            _ = try options(query: nil).resolve()
        } catch let error as TrainingError {
            throw ValidationError("\(error)")
        }
    }

    func run() async throws {
        let request = try options(query: query.map { try UserQuery(file: $0) }).resolve()
        try await database.withWarehouse(.write(create: false)) { warehouse in
            let report = try await SplitCreation(warehouse, clock: { .now() }).create(request)
            let folds = try await SplitTables.folds(of: name, in: warehouse)
            let empty = try SplitTables.emptyFolds(folds)
            if format.json { return Terminal.put(Self.json(report, emptyFolds: empty).text) }
            say(report)
            Terminal.put(folds, as: .table)
            for fold in empty { Terminal.say("Fold \(fold) is empty: \(Self.reason(report))") }
        }
    }

    private static func reason(_ report: SplitCreation.Report) -> String {
        if case .hash = report.split.method {
            return "of \(report.unitCount) units the hash gives it none; --method balanced counts them out."
        }
        return "there are \(report.unitCount) units for \(report.split.folds.count) folds."
    }

    private func options(query: UserQuery?) throws -> SplitOptions {
        var options = SplitOptions()
        options.name = name
        options.folds = folds
        options.foldCount = kFolds
        options.method = method
        options.stratify = stratify
        options.seed = seed
        options.datasets = dataset
        options.query = query
        options.isOfficial = official
        options.firstRows = firstRows
        options.source = source
        return options
    }

    private func say(_ report: SplitCreation.Report) {
        Terminal.put(
            "split \(name): \(report.patientCount) patients in \(report.unitCount) units"
                + (report.isKnown ? ", made before; split extend adds patients who came later" : ""))
        if case .firstRows(let count, let source) = report.split.method {
            Terminal.say("Its rows are the first \(count) of \(source); --source or --dataset names another table.")
        }
        if report.leftCount > 0 {
            Terminal.say("\(report.leftCount) patients are left out: the folds that were given do not have them.")
        }
        if report.tornCount > 0 {
            Terminal.say(
                "\(report.tornCount) identities are in several of the published folds; split check counts them.")
        }
        if let merged = report.split.merge?.merged, !merged.isEmpty {
            let names = merged.map { "\($0.name) (\($0.count))" }.joined(separator: ", ")
            Terminal.say(
                "Strata of fewer than \(report.split.merge?.minimumCount ?? 0) units were merged: \(names).")
        }
    }

    private static func json(_ report: SplitCreation.Report, emptyFolds: [String]) -> JSONValue {
        [
            "split": .string(report.split.name), "method": .string(report.split.method.name),
            "known": .boolean(report.isKnown), "units": .integer(report.unitCount),
            "patients": .integer(report.patientCount), "left_out": .integer(report.leftCount),
            "torn_identities": .integer(report.tornCount), "empty_folds": .array(emptyFolds.map(JSONValue.string)),
            "merged_strata": .array(
                (report.split.merge?.merged ?? []).map { ["stratum": .string($0.name), "units": .integer($0.count)] }),
        ]
    }
}

struct SplitListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "The splits there are, and how large they are.",
        discussion: """
            EXAMPLES
              slicehouse split list
              slicehouse split list --json
            """)

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var format: FormatOptions

    func run() async throws {
        let rows = try await database.withWarehouse { warehouse in
            try await SplitTables.rows(of: "splits", in: warehouse)
        }
        Terminal.put(rows, as: format.rowFormat)
    }
}

struct SplitShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "What is in the folds of a split: units, patients and slices by stratum.",
        discussion: """
            EXAMPLES
              slicehouse split show ich
              slicehouse split show ich --json
            """)

    @Argument(help: "Name of the split.")
    var name: String

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var format: FormatOptions

    func run() async throws {
        let rows = try await database.withWarehouse { warehouse in
            try await SplitTables.folds(of: name, in: warehouse)
        }
        Terminal.put(rows, as: format.rowFormat)
    }
}

struct SplitExtendCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "extend",
        abstract: "Give patients who came later their folds; nobody moves.",
        discussion: """
            EXAMPLES
              slicehouse split extend ich
            """)

    @Argument(help: "Name of the split.")
    var name: String

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var format: FormatOptions

    func run() async throws {
        try await database.withWarehouse(.write(create: false)) { warehouse in
            let report = try await SplitExtension(warehouse).extend(name)
            if format.json {
                Terminal.put(json(report).text)
            } else {
                let places = report.folds.map { "\($0.name) \($0.patientCount)" }.joined(separator: ", ")
                Terminal.put(
                    "split \(name): \(report.newPatientCount) patients more, in \(report.newUnitCount) new units"
                        + (report.newPatientCount > 0 ? ": \(places)" : ""))
                if !report.merged.isEmpty {
                    let names = report.merged.map { "\($0.name) (\($0.newCount) new, \($0.count) in all)" }
                        .joined(separator: ", ")
                    Terminal.say(
                        "Strata that had fewer than \(report.split.merge?.minimumCount ?? 0) units are counted "
                            + "together: \(names).")
                }
                if report.leftCount > 0 {
                    Terminal.say("\(report.leftCount) patients are left out: the given folds do not have them.")
                }
            }
            guard report.contestedCount > 0 else { return }
            Terminal.say(
                "\(report.contestedCount) patients belong to identities that are in several folds, and got none; "
                    + "see slicehouse split check \(name).")
            throw Failure.someRejected
        }
    }

    private func json(_ report: SplitExtension.Report) -> JSONValue {
        let folds = report.folds.map { ($0.name, JSONValue.integer($0.patientCount)) }
        let merged = report.merged.map { stratum -> JSONValue in
            [
                "stratum": .string(stratum.name), "units": .integer(stratum.newCount),
                "units_in_all": .integer(stratum.count),
            ]
        }
        return [
            "split": .string(name), "new_units": .integer(report.newUnitCount),
            "new_patients": .integer(report.newPatientCount), "contested": .integer(report.contestedCount),
            "left_out": .integer(report.leftCount), "folds": .object(Dictionary(folds, uniquingKeysWith: { $1 })),
            "merged_strata": .array(merged),
        ]
    }
}
