import Foundation
import SQLInterface
import TestSupport
import Testing
import Warehouse

/// Samples that are exported as NIfTI lie where nibabel says their voxels were taken.
@Suite("NIfTI exports", .enabled(if: !MarkingObjects.python.isEmpty, "\(MarkingObjects.isMissing)"))
struct NIfTIExportTests {
    private static let query = """
        SELECT series_id, 3.0 AS centre_column, 8.0 AS centre_row, 1.0 AS centre_slice FROM series
        """
    /// Options of `training-set create`, recipe. Smaller voxels only: where a kernel averages, it keeps no slope.
    private static let cases = [
        (
            "--sample volume",
            """
            steps:
              - {step: resample, spacing_mm: [0.8, 0.45, 0.4], kernel: bilinear}
              - {step: crop, shape: [6, 8, 9], fill: 0}
            layout: NCDHW
            """
        ),
        ("--sample volume", "{layout: NCDHW, dtype: int16}"),
        (
            "--sample crop --shape 7x9x8 --outside pad --query places.sql",
            """
            steps:
              - {step: crop, shape: [5, 6, 7]}
            layout: NDHWC
            """
        ),
        ("--sample crop --shape 7x9x8 --outside shift --query places.sql", "{layout: NCDHW}"),
        (
            "--sample slice",
            """
            steps:
              - {step: resize, shape: [40, 30], kernel: bilinear}
            layout: NHWC
            """
        ),
    ]

    @Test(arguments: TestEngine.available)
    func `the affine follows crops, resizes and resampling`(engine: WarehouseEngine) async throws {
        let home = try TemporaryFolder()
        let script = PythonScript("nifti-oracle")
        _ = try await script.table(["make", home.path("volumes")], python: MarkingObjects.python)
        try await TestWarehouse.with(engine) { place in
            let program = try Program(home: home).with("SLICEHOUSE_DATABASE", place.url)
            func run(_ line: String) async throws {
                let result = try await program.run(line.split(separator: " ").map(String.init))
                try #require(result.exitCode == 0, "\(line): \(result.error)")
            }
            try await run("ingest volumes")
            try await run("split create s --folds train=0.5,test=0.5 --method balanced")
            try home.write(Self.query, to: "places.sql")
            for (number, (options, recipe)) in Self.cases.enumerated() {
                try home.write(recipe, to: "\(number).yaml")
                try await run("training-set create set\(number) --split s --recipe \(number).yaml \(options)")
                try await run("training-set export set\(number) --format nifti --out \(number)")
                let lines = try await script.table(
                    ["check", home.path("volumes"), home.path("\(number)")], python: MarkingObjects.python)
                #expect(lines.count >= 3, "\(options)")
                for line in lines { #expect(line[1] == line[2] && line[2] != "0", "\(options): \(line)") }
            }
        }
    }

    @Test func `volumes of several depths go where each sample has a shape, and are refused with advice elsewhere`()
        async throws
    {
        let home = try TemporaryFolder()
        _ = try await PythonScript("nifti-oracle").table(["make", home.path("volumes")], python: MarkingObjects.python)
        try await TestWarehouse.with(.sqlite) { place in
            let program = try Program(home: home).with("SLICEHOUSE_DATABASE", place.url)
            func run(_ line: String) async throws -> Program.Result {
                try await program.run(line.split(separator: " ").map(String.init))
            }
            try home.write("{layout: NCDHW, dtype: int16}", to: "whole.yaml")
            for line in [
                "ingest volumes", "split create s --folds train=0.5,test=0.5 --method balanced",
                "training-set create whole --split s --recipe whole.yaml --sample volume",
                "training-set export whole --format nifti --out all/nifti",
                "training-set export whole --format tfrecord --out all/tfrecord --shard-size 1",
                "training-set export whole --format webdataset --out all/webdataset",
            ] {
                let result = try await run(line)
                try #require(result.exitCode == 0, "\(line): \(result.error)")
            }
            let lines = try await PythonScript("export-oracle").table(["--stacks", home.path("all")])
            #expect(
                lines == [["nifti", "3", "3"], ["tfrecord", "3", "3"], ["webdataset", "3", "3"], ["shapes", "3"]])
            for fold in ["train", "test"] {
                let preview = try await run("batches preview whole --fold \(fold) --tile 64 --out \(fold).png --json")
                #expect(preview.exitCode == 0, "\(preview.error)")
                #expect(try home.read("\(fold).png").starts(with: [0x89, 0x50, 0x4E, 0x47]))
            }
            for format in ["npy", "mds"] {
                let refused = try await run("training-set export whole --format \(format) --out refused")
                #expect(refused.exitCode == 64, "\(refused.error)")
                #expect(refused.error.contains("several shapes"), "\(refused.error)")
                #expect(refused.error.contains("export to tfrecord, webdataset or nifti"), "\(refused.error)")
            }
            let flat = try await run("training-set export whole --format png --out refused")
            #expect(flat.exitCode == 64 && flat.error.contains("a PNG holds one slice"), "\(flat.error)")
            #expect(home.files(below: "refused") == [])
        }
    }
}
