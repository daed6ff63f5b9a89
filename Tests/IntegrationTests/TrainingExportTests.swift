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

    @Test(arguments: TestEngine.available)
    func `all formats hold the same samples, with digests and checksums that are right`(
        engine: WarehouseEngine
    ) async throws {
        let cohort = try await Cohorts.smallICH()
        let home = try TemporaryFolder()
        try await TestWarehouse.with(engine) { place in
            try await TestIngest(into: place, home: home).run(cohort.path("ich"))
            let program = try Program(home: home).with("SLICEHOUSE_DATABASE", place.url)
            try home.write(Self.recipe, to: "small.yaml")
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
        #expect(!FileManager.default.fileExists(atPath: home.path("x.partial")))
    }

    private static func expectBake(_ program: Program, _ home: TemporaryFolder) async throws {
        try await run(program, "training-set bake ich --out baked --shard-size 10")
        let again = try await run(program, "training-set bake ich --out baked --verify --json")
        #expect(try JSONValue(parsing: again)["known"] == true)
        // One byte of a file changes: its size does not say so, its digest does.
        var shard = try home.read("baked/train/image-00000.npy")
        shard[shard.count - 1] ^= 1
        try home.write(shard, to: "baked/train/image-00000.npy")
        let mended = try await program.run(
            "training-set", "bake", "ich", "--out", "baked", "--verify", "--shard-size", "10")
        #expect(mended.exitCode == 0 && mended.error.contains("image-00000.npy is damaged"))
        shard[shard.count - 1] ^= 1
        #expect(try home.read("baked/train/image-00000.npy") == shard)
        // The pixels of the stored slices and those of the bake are of one recipe: a preview shows them too.
        let preview = try await run(program, "batches preview ich --count 4 --tile 64 --out sheet.png --json")
        #expect(preview.split(separator: "\n").count == 2)
        #expect(try home.read("sheet.png").starts(with: [0x89, 0x50, 0x4E, 0x47]))
    }

    @discardableResult
    private static func run(_ program: Program, _ line: String) async throws -> String {
        let result = try await program.run(line.split(separator: " ").map(String.init))
        try #require(result.exitCode == 0, "\(line): \(result.error)")
        return result.output
    }
}
