import ArgumentParser
import CanonicalJSON
import Training
import Warehouse

struct TrainingSetBakeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bake",
        abstract: "Render a set once, into arrays that a stream copies from.",
        usage: "slicehouse training-set bake NAME --out FOLDER [OPTIONS]",
        discussion: """
            The folder has image-, mask- and target-*.npy of every fold, in order of sample number, and manifest.json \
            with the SHA-256 of each. It appears whole or not at all. A bake of this very set is left alone; one of \
            another version of it, or with a damaged file, is made again, and one that lacks a fold that is asked for \
            with its own folds and that one. What was baked from a set of another name, or exported, is refused \
            without --replace.

            Looked at are the sizes of all files; those that are newer than the manifest are read and compared with \
            their SHA-256, and all with --verify. A stream does the same; verify=True in Python is its --verify. It \
            reads the bake in epochs without augmentation; epochs with augmentation are made from the warehouse.

            EXAMPLES
              slicehouse training-set bake ich --out baked/ich
              slicehouse training-set bake ich@1 --out baked/ich --verify
            """)

    @Argument(help: "name@version, or the name for the latest version.")
    var name: String

    @OptionGroup var database: DatabaseOptions

    @Option(name: .long, help: "Folder to write.")
    var out: String

    @Option(name: .long, help: "Only this fold, or several: fold-1+fold-2, all-but:fold-0; may be repeated.")
    var fold: [String] = []

    @Option(name: .long, help: "Samples of a file.")
    var shardSize = 1_000

    @Flag(name: .long, help: "Read what was baked before and compare every SHA-256.")
    var verify = false

    @Flag(name: .long, help: "Bake in place of another bake, or of an export.")
    var replace = false

    @OptionGroup var format: FormatOptions

    func validate() throws {
        guard (1...1_000_000).contains(shardSize) else { throw ValidationError("--shard-size: between 1 and 1000000.") }
    }

    func run() async throws {
        try await database.withWarehouse { warehouse in
            try await warehouse.withConnection { connection in
                let set = try await StoredTrainingSet.whole(name, on: connection)
                let bake = TrainingSetBake(set)
                let folds = replace ? fold : bake.union(of: fold, with: out)
                var earlier: String?
                switch try await bake.state(of: out, verifying: verify, folds: fold, on: connection) {
                case .current where replace: earlier = "the bake of \(set.reference)"
                case .current: return sayKnown(set)
                case .lacking(let missing):
                    Terminal.say("\(out) is baked again: it lacks \(missing.joined(separator: ", ")).")
                case .stale(let reason): Terminal.say("\(out) is baked again: \(reason).")
                case .foreign(let what) where replace: earlier = what
                case .foreign(let what):
                    throw TrainingError(
                        .exists, out, "\(what) stands there; name another folder, or replace it with --replace")
                case .absent: break
                }
                let report = try await bake.write(to: out, shardSize: shardSize, folds: folds, on: connection) { _, _ in
                }
                ExportText.put(report, inPlaceOf: earlier, set: set, json: format.json)
            }
        }
    }

    private func sayKnown(_ set: StoredTrainingSet) {
        let value: JSONValue = [
            "training_set": .string(set.reference), "folder": .string(out), "known": true, "verified": .boolean(verify),
        ]
        let state = verify ? "and whole" : "with all its files and their sizes; --verify reads them"
        Terminal.put(format.json ? value.text : "\(out): the bake of \(set.reference) is there, \(state)")
    }
}

struct TrainingSetExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write the samples of a set as files that other loaders read.",
        usage: "slicehouse training-set export NAME --format FORMAT --out FOLDER [OPTIONS]",
        discussion: """
            tfrecord     NAME_FOLD_00000-of-00005.tfrecord, one tf.train.Example a sample; labels.txt of classes
            webdataset   NAME-FOLD-000000.tar
            mds          MosaicML Streaming: FOLD/index.json and shards
            nifti        FOLD/images and FOLD/masks of .nii.gz, with their place in the patient
            npy          FOLD/image-00000.npy, with mask- and target-
            png          FOLD/images and FOLD/masks, for recipes of uint8
            csv          index.csv alone

            Samples of several shapes, as whole volumes may have, go into tfrecord, webdataset and nifti.

            Every export has index.csv and manifest.json with counts and the SHA-256 of each file. Records are \
            shuffled as a whole by --shuffle-seed; the others are in order of sample number unless it is given.

            A set of a k-fold split has class weights and plan for each fold that is held out; --held-out says which \
            of them are written, and --fold, as ever, which samples. Nothing repeats in files: index.csv, and the plan \
            in manifest.json, say how often an epoch has each sample.

            The folder appears whole or not at all. The same export is written again in its place; one of another set, \
            format, order or round, of other folds, or a bake is refused without --replace.

            EXAMPLES
              slicehouse training-set export dr --format tfrecord --out tfrecords
              slicehouse training-set export ich@1 --format webdataset \\
                --out shards --fold train --shuffle-seed 7
              slicehouse training-set export ich5 --format csv --out round-0 \\
                --held-out fold-0
            """)

    @Argument(help: "name@version, or the name for the latest version.")
    var name: String

    @OptionGroup var database: DatabaseOptions

    @Option(name: .long, help: "tfrecord, webdataset, mds, nifti, npy, png or csv.")
    var format: ExportFormat

    @Option(name: .long, help: "Folder to write.")
    var out: String

    @Option(name: .long, help: "Only this fold, or several: fold-1+fold-2, all-but:fold-0; may be repeated.")
    var fold: [String] = []

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Held-out fold, or several: weights and plan are of the others (default: as the set has them).",
            valueName: "folds"))
    var heldOut: String?

    @Option(name: .long, help: "Seed of the order (default: 0 for tfrecord, webdataset and mds).")
    var shuffleSeed: Int64?

    @Flag(name: .long, help: "Keep the order of sample numbers.")
    var noShuffle = false

    @Option(name: .long, help: "Samples of a shard.")
    var shardSize = 1_000

    @Flag(name: .long, help: "Write in place of another export, or of a bake.")
    var replace = false

    @Flag(name: .long, help: "One JSON object on standard output.")
    var json = false

    func validate() throws {
        guard (1...1_000_000).contains(shardSize) else { throw ValidationError("--shard-size: between 1 and 1000000.") }
        guard shuffleSeed == nil || !noShuffle else {
            throw ValidationError("--shuffle-seed and --no-shuffle contradict each other.")
        }
    }

    func run() async throws {
        try await database.withWarehouse { warehouse in
            try await warehouse.withConnection { connection in
                let set = try await StoredTrainingSet.whole(name, on: connection)
                var options = TrainingSetExport.Options()
                options.format = format
                options.folds = fold
                options.heldOut = heldOut
                options.shardSize = shardSize
                let isRecord = [ExportFormat.tfrecord, .webdataset, .mds].contains(format)
                options.shuffleSeed = noShuffle ? nil : shuffleSeed ?? (isRecord ? 0 : nil)
                let export = TrainingSetExport(set, options: options)
                let earlier = try replaced(try await export.standing(at: out, on: connection))
                let report = try await export.write(to: out, on: connection)
                if heldOut == nil, set.isBalancedByRound { sayNoRound(set) }
                ExportText.put(report, inPlaceOf: earlier, set: set, json: json)
            }
        }
    }
}

extension TrainingSetExportCommand {
    /// What is to be replaced, if it is another export or a bake. **Throws** `exists` without `--replace`.
    private func replaced(_ standing: TrainingSetExport.Standing) throws(TrainingError) -> String? {
        guard case .other(let what) = standing else { return nil }
        guard replace else {
            throw TrainingError(
                .exists, out, "\(what) stands there; name another folder, or replace it with --replace")
        }
        return what
    }

    private func sayNoRound(_ set: StoredTrainingSet) {
        Terminal.say(
            "\(set.reference) has class weights and plan for each fold that is held out, and none was named: every "
                + "weight is 1 and nothing repeats; --held-out FOLD writes those of one round.")
    }
}

extension ExportFormat: ExpressibleByArgument {}

/// What was written, for people and programs.
private enum ExportText {
    /// - Parameter earlier: What stood there and was replaced, where that is to be told.
    static func put(
        _ report: TrainingSetExport.Report, inPlaceOf earlier: String?, set: StoredTrainingSet, json: Bool
    ) {
        if let earlier { Terminal.say("\(report.folder) was replaced: it held \(earlier).") }
        for kept in report.keptFolders {
            Terminal.say(
                "Files that are not of the export came into \(report.folder) while it was written anew, so that what "
                    + "stood there is kept as \(kept): move what is yours out of it and remove it.")
        }
        if report.unplacedCount > 0 {
            Terminal.say(
                "\(report.unplacedCount) samples have no place in the patient, since their series is no volume or "
                    + "later slices lie between theirs: their voxels are of 1 mm, and their headers say so.")
        }
        if json {
            let counts = report.sampleCounts.map { ($0.fold, JSONValue.integer($0.count)) }
            let value: JSONValue = [
                "training_set": .string(set.reference), "folder": .string(report.folder), "known": false,
                "folds": .object(Dictionary(counts, uniquingKeysWith: { $1 })),
                "files": .integer(report.fileCount), "bytes": .integer(report.byteCount),
            ]
            return Terminal.put(value.text)
        }
        let folds = report.sampleCounts.map { "\($0.fold) \($0.count)" }.joined(separator: ", ")
        Terminal.put(
            "\(report.folder): \(set.reference), \(folds); \(report.fileCount) files, \(report.byteCount) bytes")
    }
}
