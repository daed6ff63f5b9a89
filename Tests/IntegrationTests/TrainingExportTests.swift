import CanonicalJSON
import Foundation
import SQLInterface
import TestSupport
import Testing
import Warehouse

/// Exports and bakes by the program, read by `Tests/export-oracle`, which shares no line with it.
@Suite("Training exports")
struct TrainingExportTests {
    private static let recipe = """
        values: rescaled
        steps:
          - {step: window, windows: [{center: 40, width: 120}], to: [0, 255]}
          - {step: resize, shape: [24, 20], kernel: bilinear}
        dtype: uint8
        layout: NHWC
        mask: {value: 255}
        """

    /// The cohort is stored, and `small.yaml` lies in the home.
    private static func ingested(
        _ cohort: TemporaryFolder, into place: TestWarehouse, home: TemporaryFolder
    ) async throws -> Program {
        try await TestIngest(into: place, home: home).run(cohort.path("ich"))
        try home.write(recipe, to: "small.yaml")
        return try Program(home: home).with("SLICEHOUSE_DATABASE", place.url)
    }

    @Test(arguments: TestEngine.available)
    func `all formats hold the same samples, with digests and checksums that are right`(
        engine: WarehouseEngine
    ) async throws {
        let cohort = try await Cohorts.smallICH()
        let home = try TemporaryFolder()
        try await TestWarehouse.with(engine) { place in
            let program = try await Self.ingested(cohort, into: place, home: home)
            try await Self.run(program, "split create s --folds train=0.5,test=0.5 --method balanced")
            let created = try await Self.run(
                program, "training-set create ich --split s --recipe small.yaml --target mask --json")
            let count = try #require(try JSONValue(parsing: created)["samples"]?.number)
            for format in ["npy", "tfrecord", "webdataset", "mds", "nifti", "png", "csv"] {
                try await Self.run(
                    program, "training-set export ich --format \(format) --out exports/\(format) --shard-size 13")
            }
            let rows = try await PythonScript("export-oracle").table([home.path("exports")])
            let said = Dictionary(uniqueKeysWithValues: rows.map { ($0[0], ($0[1], $0[2])) })
            for format in ["npy", "tfrecord", "webdataset", "mds", "nifti", "png", "csv"] {
                #expect(said[format]?.0 == String(Int(count)) && said[format]?.1 == said[format]?.0, "\(format)")
            }
            #expect(said["values"]?.0 == "2")
            let marked = try await place.count(
                "SELECT count(*) FROM training_sample WHERE CAST(target AS text) <> '[]'")
            #expect(Int(said["marked"]?.0 ?? "") == marked && (marked ?? 0) > 0)
            try await Self.expectRepeatable(program, home)
            try await Self.expectBake(program, home)
        }
    }

    @Test(arguments: TestEngine.available)
    func `what does not fit is a mistake and no rejection, and a bare name is the latest version`(
        engine: WarehouseEngine
    ) async throws {
        let cohort = try await Cohorts.smallICH()
        let home = try TemporaryFolder()
        try await TestWarehouse.with(engine) { place in
            let program = try await Self.ingested(cohort, into: place, home: home)
            try home.write("{layout: NCHW, dtype: float32}", to: "floats.yaml")
            try await Self.run(program, "split create s --folds train=0.99,test=0.01 --method balanced")
            try await Self.run(program, "training-set create ich --split s --recipe floats.yaml --target mask")
            try home.write("SELECT slice_idd AS slice_id FROM slice;", to: "misspelt.sql")
            try home.write("SELECT slice_id FROM slice; SELECT 1", to: "two.sql")
            let create = "training-set create t --split s --recipe floats.yaml --target none --query"
            for (line, says) in [
                ("\(create) misspelt.sql", "the database does not take it"),
                ("\(create) two.sql", "two.sql: it holds more than one statement (2)"),
                ("training-set export ich --format png --out out", "a PNG holds one slice"),
                ("batches preview ich --fold test --out empty.png", "fold test has no samples to show"),
            ] {
                let result = try await program.run(line.split(separator: " ").map(String.init))
                #expect(result.exitCode == 64 && result.error.contains(says), "\(line): \(result.error)")
                #expect(!result.error.contains(".."), "\(line): \(result.error)")
            }
            #expect(home.files(below: "out") == [] && !home.files().contains("empty.png"))
            // Where nobody names a fold, it is one that has samples.
            try await Self.run(program, "split create late --folds test=0.01,train=0.99 --method balanced")
            try await Self.run(program, "training-set create late --split late --recipe small.yaml --target mask")
            let shown = try await Self.run(program, "batches preview late --tile 32 --out late.png")
            #expect(shown.contains(", fold train"), "\(shown)")
            try await Self.run(program, "training-set create ich --split s --recipe small.yaml --target mask")
            func origin(of set: String) async throws -> String {
                try await Self.run(
                    program, "sql sample_origin --set training_set=\(set) --set sample_number=0 --format json")
            }
            let (bare, first, second) = (
                try await origin(of: "ich"), try await origin(of: "ich@1"), try await origin(of: "ich@2")
            )
            #expect(bare.contains(#""training_set":"ich@2""#) && bare == second)
            #expect(first.contains(#""training_set":"ich@1""#))
        }
    }

    /// One row of a mask goes: whoever reads the pixels of its sample hears of it, and `training-set check` too.
    @Test(arguments: TestEngine.available)
    func `a mask that changed behind a frozen set is an error that names the sample`(
        engine: WarehouseEngine
    ) async throws {
        let cohort = try await Cohorts.smallICH()
        let home = try TemporaryFolder()
        try await TestWarehouse.with(engine) { place in
            let program = try await Self.ingested(cohort, into: place, home: home)
            try await Self.run(program, "split create s --folds all=1")
            try await Self.run(program, "training-set create ich --split s --recipe small.yaml --target mask")
            let row = try #require(
                try await place.rows(
                    """
                    SELECT sample_number, annotation_mask.slice_id FROM training_sample
                    JOIN annotation_mask ON annotation_mask.patient_id = training_sample.patient_id
                        AND annotation_mask.slice_id = training_sample.slice_id
                    ORDER BY sample_number LIMIT 1
                    """
                ).first)
            let (number, slice): (Int, Int64) = (try row.get(at: 0), try row.get(at: 1))
            try await Self.run(program, "training-set bake ich --out earlier")
            try await place.script("DELETE FROM annotation_mask WHERE slice_id = \(slice)")
            let changed = "the mask of sample \(number) is no longer what was frozen"
            for line in [
                "training-set export ich --format npy --out out", "training-set export ich --format nifti --out out",
                "training-set bake ich --out out", "batches preview ich --count 400 --tile 32",
                "training-set bake ich --out earlier", "training-set bake ich --out earlier --verify",
            ] {
                let result = try await program.run(line.split(separator: " ").map(String.init))
                #expect(result.exitCode == 65, "\(line): \(result.error)")
                #expect(result.error.contains(changed), "\(line): \(result.error)")
            }
            #expect(home.files(below: "out") == [])
            let check = try await program.run("training-set", "check", "ich")
            #expect(check.exitCode != 0 && check.output.contains("targets"), "\(check.output)")
        }
    }

    @Test func `a bake has the folds that are asked for, and loses none that it has`() async throws {
        let home = try TemporaryFolder()
        let program = try Program(home: home).with("SLICEHOUSE_DATABASE", "sqlite:" + home.path("w.sqlite"))
        try home.write(Self.recipe, to: "small.yaml")
        for line in Self.threeFolds + [
            "training-set create ich --split s --recipe small.yaml --target mask"
        ] { try await Self.run(program, line) }
        let all = ["fold-0", "fold-1", "fold-2"]
        for (options, said, folds) in [
            ("--fold fold-1+fold-2", "", ["fold-1", "fold-2"]),
            ("--fold fold-0 --verify", "it lacks fold-0", all),
            ("--fold fold-1 --replace", "it held the bake of ich@1", ["fold-1"]),
            ("", "it lacks fold-0, fold-2", all),
        ] {
            let line = "training-set bake ich --out bk \(options)"
            let made = try await program.run(line.split(separator: " ").map(String.init))
            #expect(made.exitCode == 0 && (said.isEmpty || made.error.contains(said)), "\(line): \(made.error)")
            #expect(!made.output.contains("is there"), "\(line): \(made.output)")
            #expect(try Self.bakedFolds(home) == folds, "\(line)")
            // What is there is not made again.
            let known = try await Self.run(program, "training-set bake ich --out bk --fold \(folds[0])")
            #expect(known.contains("the bake of ich@1 is there"))
            #expect(try Self.bakedFolds(home) == folds, "\(line)")
        }
    }

    private static func bakedFolds(_ home: TemporaryFolder) throws -> [String] {
        let manifest = try JSONValue(parsing: String(decoding: home.read("bk/manifest.json"), as: UTF8.self))
        guard case .object(let folds)? = manifest["folds"] else { return [] }
        return folds.keys.sorted()
    }

    @Test func `an export of another set, format, order or round stays unless it is to be replaced`() async throws {
        let home = try TemporaryFolder()
        let program = try Program(home: home).with("SLICEHOUSE_DATABASE", "sqlite:" + home.path("w.sqlite"))
        try home.write(Self.recipe, to: "small.yaml")
        for line in Self.threeFolds + [
            "training-set create a --split s --recipe small.yaml --target mask --oversample balanced",
            "training-set create b --split s --recipe small.yaml --target none",
            "training-set export a --format csv --out e", "training-set bake b --out bk",
        ] { try await Self.run(program, line) }
        for (line, says) in [
            ("b --format csv --out e", "the export of a@1 stands there"),
            ("a --format npy --out e", "the export of a@1 as csv stands there"),
            ("a --format csv --out e --fold fold-0", "with the folds fold-0, fold-1, fold-2 stands there"),
            ("a --format csv --out e --shuffle-seed 1", "the export of a@1 in another order stands there"),
            ("a --format csv --out e --held-out fold-0", "the export of a@1 for another round stands there"),
            ("b --format npy --out bk", "the bake of b@1 stands there"),
        ] {
            let folder = line.hasSuffix("bk") ? "bk" : "e"
            let before = try home.read("\(folder)/manifest.json")
            let refused = try await program.run("training-set export \(line)".split(separator: " ").map(String.init))
            #expect(refused.exitCode == 64 && refused.error.contains(says), "\(line): \(refused.error)")
            #expect(refused.error.contains("--replace") && !refused.error.contains(home.path), "\(refused.error)")
            #expect(try home.read("\(folder)/manifest.json") == before)
        }
        try await Self.run(program, "training-set export a --format csv --out e")
        try await Self.run(program, "training-set export a --format csv --out e --held-out fold-0 --replace")
        try await Self.run(program, "training-set export a --format csv --out e --held-out fold-0")
        let failed = try await program.run(
            "training-set", "export", "b", "--format", "csv", "--out", "e", "--held-out", "nowhere", "--replace")
        #expect(failed.exitCode == 64 && failed.error.contains("nowhere"), "\(failed.error)")
        #expect(!failed.error.contains("replaced"), "\(failed.error)")
        let last = try await program.run(
            "training-set", "export", "b", "--format", "npy", "--out", "e", "--replace")
        #expect(last.exitCode == 0 && last.error.contains("e was replaced: it held the export of a@1"), "\(last.error)")
        let manifest = try JSONValue(parsing: String(decoding: home.read("e/manifest.json"), as: UTF8.self))
        #expect(manifest["training_set"] == "b@1")
    }

    @Test(arguments: ["export a --format npy", "bake a --replace"])
    func `files that somebody laid beside those of an export are not deleted with it`(_ command: String) async throws {
        let home = try TemporaryFolder()
        let program = try Program(home: home).with("SLICEHOUSE_DATABASE", "sqlite:" + home.path("w.sqlite"))
        try home.write(Self.recipe, to: "small.yaml")
        for line in [
            "phantom physionet-ich ct --patients 1 --matrix 48", "ingest ct", "split create s --folds all=1",
            "training-set create a --split s --recipe small.yaml --target none", "training-set \(command) --out e",
        ] { try await Self.run(program, line) }
        try home.write("mine", to: "e/all/notes.txt")
        let before = home.files(below: "e")
        let line = "training-set \(command) --out e".split(separator: " ").map(String.init)
        let refused = try await program.run(line)
        #expect(refused.exitCode == 64 && refused.error.contains("all/notes.txt is not of the export"))
        #expect(!refused.error.contains("replaced"), "\(refused.error)")
        #expect(!refused.error.contains(home.path) && home.files(below: "e") == before)
        try home.write("mine", to: "e/b.txt")
        let again = try await program.run(line)
        #expect(again.exitCode == 64 && again.error.contains("all/notes.txt and 1 more are not"), "\(again.error)")
        for name in ["e/all/notes.txt", "e/b.txt"] { try FileManager.default.removeItem(atPath: home.path(name)) }
        try await Self.run(program, "training-set \(command) --out e")
    }

    @Test func `an export through a link is written where the link leads`() async throws {
        let home = try TemporaryFolder()
        let program = try Program(home: home).with("SLICEHOUSE_DATABASE", "sqlite:" + home.path("w.sqlite"))
        try home.write(Self.recipe, to: "small.yaml")
        for line in [
            "phantom physionet-ich ct --patients 1 --matrix 48", "ingest ct", "split create s --folds all=1",
            "training-set create a --split s --recipe small.yaml --target none",
            "training-set export a --format csv --out disk/e",
        ] { try await Self.run(program, line) }
        let manager = FileManager.default
        try manager.createSymbolicLink(atPath: home.path("link"), withDestinationPath: home.path("disk/e"))
        try manager.createSymbolicLink(atPath: home.path("lost"), withDestinationPath: home.path("nowhere"))
        try await Self.run(program, "training-set export a --format npy --out link/ --replace")
        #expect(try manager.destinationOfSymbolicLink(atPath: home.path("link")) == home.path("disk/e"))
        let manifest = try JSONValue(parsing: String(decoding: home.read("disk/e/manifest.json"), as: UTF8.self))
        #expect(manifest["files_are"] == "npy")
        #expect(try manager.contentsOfDirectory(atPath: home.path("disk")) == ["e"])
        let lost = try await program.run("training-set", "export", "a", "--format", "csv", "--out", "lost")
        #expect(lost.exitCode == 64 && lost.error.contains("a link that leads nowhere"), "\(lost.error)")
    }

    @Test func `a manifest of something else is left alone, whatever is asked for`() async throws {
        let home = try TemporaryFolder()
        let program = try Program(home: home).with("SLICEHOUSE_DATABASE", "sqlite:" + home.path("w.sqlite"))
        try home.write(Self.recipe, to: "small.yaml")
        for line in [
            "phantom physionet-ich ct --patients 1 --matrix 48", "ingest ct", "split create s --folds all=1",
            "training-set create a --split s --recipe small.yaml --target none",
        ] { try await Self.run(program, line) }
        for text in ["{\"name\": \"an app\"}", "no JSON"] {
            try home.write(text, to: "app/manifest.json")
            for option in [[], ["--replace"]] as [[String]] {
                let refused = try await program.run(
                    ["training-set", "export", "a", "--format", "csv", "--out", "app"] + option)
                #expect(refused.exitCode == 64 && refused.error.contains("that is no export"), "\(refused.error)")
                #expect(try home.read("app/manifest.json") == Array(text.utf8))
            }
        }
    }

    @Test func `samples in colour beside grey ones are told as such, and no resize is asked for`() async throws {
        let home = try TemporaryFolder()
        let program = try Program(home: home).with("SLICEHOUSE_DATABASE", "sqlite:" + home.path("w.sqlite"))
        try home.write("{layout: NHWC, steps: [{step: resize, shape: [24, 20]}]}", to: "plain.yaml")
        try home.write("SELECT slice_id FROM slice", to: "all.sql")
        for line in [
            "phantom physionet-ich ct --patients 2 --matrix 48", "ingest ct",
            "phantom retinopathy photos --patients 2 --width 96", "ingest photos", "split create s --folds all=1",
            "training-set create mixed --split s --sample image --recipe plain.yaml --target none --query all.sql",
        ] { try await Self.run(program, line) }
        for line in ["training-set bake mixed --out bk", "training-set export mixed --format mds --out mds"] {
            let refused = try await program.run(line.split(separator: " ").map(String.init))
            #expect(refused.exitCode == 64, "\(line): \(refused.error)")
            #expect(refused.error.contains("some are in colour and others grey") && !refused.error.contains("resize"))
        }
    }

    /// Class ids and names as TensorFlow Slim reads them; five grades, whether the photographs show all or not.
    @Test func `TFRecords of grades have labels`() async throws {
        let home = try TemporaryFolder()
        let program = try Program(home: home).with("SLICEHOUSE_DATABASE", "sqlite:" + home.path("w.sqlite"))
        for line in [
            "phantom retinopathy photos --patients 2 --width 96", "ingest photos", "split create s --folds all=1",
            "training-set create dr --split s --sample image --recipe fundus-299 --target grade "
                + "--domain retinopathy_level",
            "training-set export dr --format tfrecord --out records",
        ] { try await Self.run(program, line) }
        #expect(try String(decoding: home.read("records/labels.txt"), as: UTF8.self) == "0:0\n1:1\n2:2\n3:3\n4:4\n")
        try await Self.run(program, "training-set export dr --format npy --out arrays")
        let nearest = try await program.run("training-set", "show", "dr@2")
        #expect(nearest.exitCode == 64 && nearest.error.hasSuffix("did you mean dr@1?\n"), "\(nearest.error)")
        #expect(!home.files(below: "arrays").contains { $0.hasSuffix("labels.txt") })
    }

    /// The same set gives the same bytes, and a folder of something else is left alone.
    private static func expectRepeatable(_ program: Program, _ home: TemporaryFolder) async throws {
        let before = try home.read("exports/tfrecord/manifest.json")
        try await run(program, "training-set export ich --format tfrecord --out exports/tfrecord --shard-size 13")
        #expect(try home.read("exports/tfrecord/manifest.json") == before)
        try await run(
            program, "training-set export ich --format tfrecord --out other --shard-size 13 --shuffle-seed 1")
        #expect(try home.read("other/index.csv") != home.read("exports/tfrecord/index.csv"))
        try home.write("mine", to: "mine/file.txt")
        let refused = try await program.run("training-set", "export", "ich", "--format", "csv", "--out", "mine")
        #expect(refused.exitCode == 64 && refused.error.contains("no export"))
        #expect(home.files(below: "mine") == ["mine/file.txt"])
        let unknown = try await program.run(
            "training-set", "export", "ich", "--format", "csv", "--out", "x", "--fold", "validation")
        #expect(unknown.exitCode == 64 && unknown.error.contains("train, test"))
        #expect(!home.files().contains { $0.hasSuffix(".slicehouse-lock") })
        let here = try await program.run("training-set", "export", "ich", "--format", "csv", "--out", ".")
        #expect(here.exitCode == 64 && here.error.contains("name a new folder in it"), "\(here.error)")
    }

    private static func expectBake(_ program: Program, _ home: TemporaryFolder) async throws {
        try await run(program, "training-set bake ich --out baked --shard-size 10")
        let again = try JSONValue(parsing: await run(program, "training-set bake ich --out baked --verify --json"))
        #expect(again["known"] == true && again["verified"] == true)
        let glance = try await run(program, "training-set bake ich --out baked")
        #expect(glance.contains("with all its files and their sizes") && !glance.contains("whole"), "\(glance)")
        try await expectDamageFound(program, home)
        try await expectOthersKept(program, home)
        // The pixels of the stored slices and those of the bake are of one recipe: a preview shows them too.
        let preview = try await run(program, "batches preview ich --count 4 --tile 64 --out sheet.png --json")
        #expect(preview.split(separator: "\n").count == 2)
        #expect(try home.read("sheet.png").starts(with: [0x89, 0x50, 0x4E, 0x47]))
    }

    /// One byte of a file changes: its size does not say so, its digest does, and the time of the change has it read.
    private static func expectDamageFound(_ program: Program, _ home: TemporaryFolder) async throws {
        let name = "baked/train/image-00000.npy"
        let whole = try home.read(name)
        var damaged = whole
        damaged[damaged.count - 1] ^= 1
        let manifest = try FileManager.default.attributesOfItem(atPath: home.path("baked/manifest.json"))
        let written = try #require(manifest[.modificationDate] as? Date)
        for (age, option) in [(1.0, ""), (-1.0, "--verify")] {
            try home.write(damaged, to: name)
            try FileManager.default.setAttributes(
                [.modificationDate: written.addingTimeInterval(age)], ofItemAtPath: home.path(name))
            let line = "training-set bake ich --out baked --shard-size 10 \(option)"
            let mended = try await program.run(line.split(separator: " ").map(String.init))
            #expect(mended.exitCode == 0 && mended.error.contains("image-00000.npy is damaged"), "\(mended.error)")
            #expect(try home.read(name) == whole)
        }
    }

    /// Neither the bake of a set of another name nor an export goes without a word.
    private static func expectOthersKept(_ program: Program, _ home: TemporaryFolder) async throws {
        try await run(program, "training-set create other --split s --recipe small.yaml --target none")
        for (folder, says) in [("baked", "the bake of ich@1 stands there"), ("exports/png", "that is no bake")] {
            let before = try home.read("\(folder)/manifest.json")
            let refused = try await program.run("training-set", "bake", "other", "--out", folder)
            #expect(refused.exitCode == 64 && refused.error.contains(says), "\(refused.error)")
            #expect(refused.error.contains("--replace") && !refused.error.contains(home.path))
            #expect(try home.read("\(folder)/manifest.json") == before)
        }
        try await run(program, "training-set bake other --out baked --replace")
        let manifest = try JSONValue(parsing: String(decoding: home.read("baked/manifest.json"), as: UTF8.self))
        #expect(manifest["training_set"] == "other@1")
    }

    private static let threeFolds = [
        "phantom physionet-ich ct --patients 6 --matrix 48", "ingest ct",
        "split create s --k-folds 3 --method balanced --seed 2",
    ]

    @discardableResult
    private static func run(_ program: Program, _ line: String) async throws -> String {
        let result = try await program.run(line.split(separator: " ").map(String.init))
        try #require(result.exitCode == 0, "\(line): \(result.error)")
        return result.output
    }
}
