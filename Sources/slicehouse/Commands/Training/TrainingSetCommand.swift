import ArgumentParser
import CanonicalJSON
import Foundation
import SQLInterface
import Training
import Warehouse

struct TrainingSetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "training-set",
        abstract: "Freeze samples with their targets, folds and recipe, under a name and a version.",
        discussion: """
            What is frozen is rows: slices, targets, digests. The same definition over the same data is found again, \
            anything else becomes the next version: name@2.

            EXAMPLES
              slicehouse training-set create ich --split ich \\
                --recipe brain-window-512 --target mask \\
                --dataset physionet-ct-ich@1.3.1
              slicehouse training-set show ich
              slicehouse training-set check ich@1
            """,
        subcommands: [
            TrainingSetCreateCommand.self, TrainingSetListCommand.self, TrainingSetShowCommand.self,
            TrainingSetCheckCommand.self, TrainingSetBakeCommand.self, TrainingSetExportCommand.self,
        ])
}

struct TrainingSetCreateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Freeze a training set; the same set again is found, not made.",
        usage: "slicehouse training-set create NAME --split SPLIT --recipe RECIPE [OPTIONS]",
        discussion: """
            Samples are chosen by --query, whose result has a column slice_id (samples slice, context, image), \
            series_id (volume), or annotation_id or series_id with centre_column, centre_row and centre_slice (crop). \
            Without it, all images are taken that have what the target needs. Every --domain must have a value.

            What is left out is counted by reason. Conflicting variants, contradicting labels, samples without a value \
            and images that nobody looked at are out unless an option says otherwise.

            EXAMPLES
              slicehouse training-set create ich --split ich \\
                --recipe brain-window-512 --target mask \\
                --dataset physionet-ct-ich@1.3.1
              slicehouse training-set create types --split ich \\
                --recipe brain-subdural-soft --target labels \\
                --domain epidural --domain subdural --missing null \\
                --class-weights balanced --dataset physionet-ct-ich@1.3.1
              slicehouse training-set create ich5 --split ich5 \\
                --recipe brain-window-512 --target mask \\
                --oversample balanced --dataset physionet-ct-ich@1.3.1
              slicehouse training-set create dr --split dr --sample image \\
                --recipe fundus-299 --target grade --domain retinopathy_level \\
                --oversample balanced
              slicehouse training-set create nodules --split luna --sample crop \\
                --shape 32x48x48 --outside pad --recipe nodule-crop \\
                --target spheres --marks source=annotations
              slicehouse training-set create large --split ich \\
                --query large-lesions.sql --recipe mine.yaml --target mask

            One rendering of each image is enough: version 1.0.0 of CT-ICH has the slices of 1.3.1 as JPEG, which are \
            windowed already, and a window of HU makes them white. Each of the 754,975 candidates of LUNA16 would be a \
            crop; a query chooses fewer.
            """)

    @Argument(help: "Name of the set: letters, digits, hyphens, underscores.")
    var name: String

    @OptionGroup var database: DatabaseOptions

    @Option(name: .long, help: "Split that gives the folds.")
    var split: String

    @Option(name: .long, help: "Recipe of etl/recipes by name, or a file (YAML, JSON).")
    var recipe: String

    @Option(name: .long, help: ArgumentHelp("Query that chooses the samples.", valueName: "file.sql"))
    var query: String?

    @Option(name: .long, help: "Label domain that a sample needs a value of; may be repeated.")
    var domain: [String] = []

    @Option(name: .long, help: "Without --query, only images of this data set, name or name@version; may be repeated.")
    var dataset: [String] = []

    @Option(name: .long, help: "slice, context, crop, volume or image.")
    var sample = "slice"

    @Option(name: .long, help: ArgumentHelp("Neighbours on each side of a context (default: 1).", valueName: "slices"))
    var context: Int?

    @Option(name: .long, help: ArgumentHelp("Voxels of a crop.", valueName: "slicesxrowsxcolumns"))
    var shape: String?

    @Option(name: .long, help: "Crops beyond the volume: shift moves them inside, pad repeats the border.")
    var outside: String?

    @Option(name: .long, help: "none, mask, labels, grade or spheres.")
    var target = "none"

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Annotations that count: target, reader, kind, source or term, such as target=nodule,reader=consensus.",
            valueName: "property=value,..."))
    var marks: String?

    @Option(
        name: .long,
        help: "Level of the labels: slice, series, study, patient or annotation (default: the nearest that has any).")
    var level: String?

    @Option(name: .long, help: "Samples without a value: drop, or null (--target labels).")
    var missing = "drop"

    @Option(name: .long, help: "Contradicting labels: drop the sample, take the max, or null.")
    var conflicts = "drop"

    @Flag(name: .long, help: "Take conflicting variants too, and series marked as not trainable.")
    var includeVariants = false

    @Option(name: .long, help: "Weights stored with the set: none, balanced or sqrt.")
    var classWeights = "none"

    @Option(name: .long, help: "Plan stored with the set: none, balanced, or how often positive samples occur.")
    var oversample = "none"

    @Option(
        name: .long,
        help: ArgumentHelp(
            """
            Folds that weights and plan are counted in, such as fold-1+fold-2 or all-but:fold-0 (default: train; where \
            there is none of that name, all but the one that is held out when the set is read).
            """, valueName: "folds"))
    var trainFold: String?

    @Option(name: .long, help: ArgumentHelp("Store it only if it has this digest.", valueName: "sha256"))
    var expectDigest: String?

    @OptionGroup var format: FormatOptions

    func validate() throws {
        if context != nil, sample != "context" { throw ValidationError("--context belongs to --sample context.") }
        if outside != nil, sample != "crop" { throw ValidationError("--outside belongs to --sample crop.") }
        if query != nil, !dataset.isEmpty {
            throw ValidationError("--dataset belongs to the choice without --query; write it into the query.")
        }
        if let expectDigest, Self.bytes(expectDigest) == nil {
            throw ValidationError("--expect-digest: write 64 hexadecimal digits.")
        }
    }

    func run() async throws {
        try await database.withWarehouse(.write(create: false)) { warehouse in
            let named = try RecipeLibrary(home: warehouse.sqlLibrary.home).recipe(recipe)
            let request = try options().resolve(recipe: named)
            let report = try await TrainingSetCreation(warehouse, clock: { .now() }).create(
                request, expected: expectDigest.flatMap(Self.bytes))
            if format.json { return Terminal.put(Self.json(report).text) }
            Terminal.put(
                "training set \(report.reference): \(report.sampleCount) samples"
                    + (report.isKnown ? ", frozen before" : "") + ", digest \(FileDigest.hex(report.digest))")
            for refusal in report.refused { Terminal.say("left out: \(refusal.count) \(refusal.sentence)") }
            for note in report.notes { Terminal.say(note) }
            Terminal.put(report.folds.rows, as: .table)
            for fold in report.folds.emptyFolds {
                Terminal.say("Fold \(fold) is empty: the split has nobody in it of whom a sample was chosen.")
            }
        }
    }

    private func options() throws -> TrainingSetOptions {
        var options = TrainingSetOptions()
        options.name = name
        options.split = split
        options.query = try query.map { try UserQuery(file: $0) }
        options.domains = domain
        options.datasets = dataset
        options.sample = sample
        options.context = context ?? options.context
        options.shape = shape
        options.outside = outside ?? options.outside
        options.target = target
        options.marks = marks
        options.level = level
        options.missing = missing
        options.conflicts = conflicts
        options.includesVariants = includeVariants
        options.classWeights = classWeights
        options.oversample = oversample
        options.trainFold = trainFold
        return options
    }

    private static func bytes(_ hexadecimal: String) -> [UInt8]? {
        let digits = Array(hexadecimal)
        guard digits.count == 64 else { return nil }
        let bytes = stride(from: 0, to: 64, by: 2).compactMap { UInt8(String(digits[$0...$0 + 1]), radix: 16) }
        return bytes.count == 32 ? bytes : nil
    }

    private static func json(_ report: TrainingSetCreation.Report) -> JSONValue {
        [
            "training_set": .string(report.reference), "known": .boolean(report.isKnown),
            "samples": .integer(report.sampleCount), "digest": .string(FileDigest.hex(report.digest)),
            "parameters": report.parameters,
            "left_out": .object(
                Dictionary(report.refused.map { ($0.reason, .integer($0.count)) }, uniquingKeysWith: { $1 })),
            "folds": .array(report.folds.rows.map(TrainingSetTables.json)),
            "empty_folds": .array(report.folds.emptyFolds.map(JSONValue.string)),
            "notes": .strings(report.notes),
        ]
    }
}

struct TrainingSetListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "The training sets there are, each version.",
        discussion: """
            EXAMPLES
              slicehouse training-set list
              slicehouse training-set list --json
            """)

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var format: FormatOptions

    func run() async throws {
        let rows = try await database.withWarehouse { warehouse in
            try await SplitTables.rows(of: "training_sets", in: warehouse)
        }
        Terminal.put(rows, as: format.rowFormat)
    }
}

struct TrainingSetShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "How a set was made, and how many samples of each class its folds have.",
        discussion: """
            EXAMPLES
              slicehouse training-set show ich
              slicehouse training-set show ich@1 --json
            """)

    @Argument(help: "name@version, or the name for the latest version.")
    var name: String

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var format: FormatOptions

    func run() async throws {
        try await database.withWarehouse { warehouse in
            try await warehouse.withConnection { connection in
                let set = try await StoredTrainingSet.whole(name, on: connection)
                let folds = try await set.foldTable(on: connection)
                if format.json { return Terminal.put(TrainingSetTables.json(set, folds).text) }
                Terminal.put(TrainingSetTables.text(set))
                Terminal.put(folds.rows, as: .table)
            }
        }
    }
}
