import CanonicalJSON
import Phantom
import SQLInterface
import TestSupport
import Testing
import Warehouse

/// Files that come between those of a frozen set; python/tests/test_growth.py has every kind of sample.
@Suite("Training sets of series that grow")
struct TrainingSetGrowthTests {
    @Test(arguments: TestEngine.available)
    func `slices that come between those of a volume leave its samples byte for byte as they were`(
        engine: WarehouseEngine
    ) async throws {
        let folder = try TemporaryFolder()
        let home = try TemporaryFolder()
        try await TestWarehouse.with(engine) { place in
            let ingest = try TestIngest(into: place, home: home)
            let program = try Program(home: home).with("SLICEHOUSE_DATABASE", place.url)
            // 5 mm apart.
            try TinySeries().write([0, 2, 4], to: folder)
            try await ingest.run(folder.path)
            try home.write("{layout: NCDHW, steps: [{step: resample, spacing_mm: [1, 0.5, 0.5]}]}", to: "deep.yaml")
            try await Self.expect(program, "split create s --folds all=1")
            try await Self.expect(
                program, "training-set create t --split s --recipe deep.yaml --sample volume --target none")
            let before = try await Self.export(program, home, to: "before")
            // 3 slices of 5 mm, 4 rows of 0.5 mm and 6 columns of 0.75 mm.
            #expect(before.shape == [1, 15, 4, 9])

            // One slice between the first two: the frozen ones are now the first, third and fourth.
            try TinySeries().write([1], to: folder)
            try await ingest.run(folder.path)
            for format in ["npy", "nifti"] {
                try await Self.expect(
                    program, "training-set export t --format \(format) --out uneven", code: 65,
                    says: "sample 0 after it was frozen, at uneven distances")
            }
            #expect(home.files(below: "uneven") == [])

            try TinySeries().write([3, 5], to: folder)
            try await ingest.run(folder.path)
            #expect(try await place.count("SELECT slice_count FROM series") == 6)
            #expect(try await place.count("SELECT count(*) FROM series WHERE slice_spacing_mm = 2.5") == 1)
            let after = try await Self.export(program, home, to: "after")
            #expect(after.shape == before.shape && after.files == before.files)
            let check = try await program.run("training-set", "check", "t", "--json")
            let found = try JSONValue(parsing: check.output)
            #expect(check.exitCode == 0 && found["check"] == "series_grew" && found["severity"] == "info")
            #expect(found["count"]?.number == 1)
            try await Self.expect(
                program, "training-set create t --split s --recipe deep.yaml --sample volume --target none")
            #expect(try await place.count("SELECT count(*) FROM training_set") == 2)
        }
    }

    /// Of 0, 2, 3, 4, 6 … the frozen 0, 3, 6 … are every second, and still the series has no spacing any more.
    @Test(arguments: TestEngine.available)
    func `a series without a spacing is refused by the names of set, sample and series`(
        engine: WarehouseEngine
    ) async throws {
        let folder = try TemporaryFolder()
        let home = try TemporaryFolder()
        try await TestWarehouse.with(engine) { place in
            let ingest = try TestIngest(into: place, home: home)
            let program = try Program(home: home).with("SLICEHOUSE_DATABASE", place.url)
            try TinySeries().write([0, 3, 6, 9, 12], to: folder)
            try await ingest.run(folder.path)
            try home.write("{layout: NCDHW, steps: [{step: resample, spacing_mm: [1, 0.5, 0.5]}]}", to: "deep.yaml")
            try await Self.expect(program, "split create s --folds all=1")
            try await Self.expect(
                program, "training-set create t --split s --recipe deep.yaml --sample volume --target none")
            try TinySeries().write([2, 4, 8, 10], to: folder)
            try await ingest.run(folder.path)
            let series = try #require(try await place.count("SELECT series_id FROM series"))
            for line in [
                "training-set export t@1 --format npy --out out", "training-set export t@1 --format nifti --out out",
                "training-set bake t@1 --out out", "batches preview t@1",
            ] {
                try await Self.expect(
                    program, line, code: 65, says: "t@1: the slices of series \(series), of which its sample 0 is made")
            }
            #expect(home.files(below: "out") == [])
        }
    }

    /// A reader marks the first slice too, so that all marks are placed anew when it comes.
    @Test(arguments: TestEngine.available)
    func `crops around nodules outlast slices that come later, and the nodules themselves`(
        engine: WarehouseEngine
    ) async throws {
        let home = try TemporaryFolder()
        try Self.writeScan(to: home)
        let first = try #require(home.files(below: "lidc").first { $0.hasSuffix(".dcm") })
        try await TestWarehouse.with(engine) { place in
            let ingest = try TestIngest(into: place, home: home)
            let program = try Program(home: home).with("SLICEHOUSE_DATABASE", place.url)
            try home.move(first, to: "late.dcm")
            try await ingest.run(home.path("lidc"))
            try await Self.expect(program, "split create s --folds all=1")
            try await Self.expect(
                program,
                "training-set create t --split s --sample crop --shape 3x16x16 --outside pad --recipe nodule-crop "
                    + "--target mask")
            // Two nodules that lie apart, and two that touch.
            #expect(try await place.count("SELECT count(*) FROM training_sample") == 3)
            let annotations = try await place.rows("SELECT annotation_id FROM annotation ORDER BY annotation_id")
            let contours = try #require(try await place.count("SELECT count(*) FROM annotation_contour"))
            try await Self.expect(program, "training-set export t --format npy --out before")

            try home.move("late.dcm", to: first)
            try await ingest.run(home.path("lidc"))
            let more = try #require(try await place.count("SELECT count(*) FROM annotation_contour"))
            #expect(more > contours)
            #expect(
                try await place.rows("SELECT annotation_id FROM annotation ORDER BY annotation_id").rows
                    == annotations.rows)
            #expect(try await place.count("SELECT count(*) FROM training_sample") == 3)
            #expect(try await place.brokenPromises() == [])
            try await Self.expect(program, "training-set export t --format npy --out after")
            #expect(try Self.files(home, "after") == Self.files(home, "before"))

            try await place.script(
                "DELETE FROM annotation WHERE annotation_id = (SELECT min(annotation_id) FROM training_sample)")
            #expect(try await place.count("SELECT count(*) FROM training_sample") == 3)
            try await Self.expect(
                program, "training-set export t --format npy --out gone", code: 65,
                says: "is no longer what was frozen")
        }
    }

    // MARK: Steps

    private static func writeScan(to home: TemporaryFolder) throws {
        var options = LIDCOptions()
        options.patientCount = 1
        options.slices = 12
        options.matrixSize = 64
        _ = try LIDCPhantom(options).write(to: home.path("lidc"))
    }

    /// Digests of the files of an export.
    private static func files(_ home: TemporaryFolder, _ name: String) throws -> JSONValue? {
        try JSONValue(parsing: String(decoding: try home.read(name + "/manifest.json"), as: UTF8.self))["files"]
    }

    /// Shape of a sample, and the digests of its arrays and of the NIfTI file that says where it lies.
    private static func export(
        _ program: Program, _ home: TemporaryFolder, to name: String
    ) async throws -> (shape: [Int], files: [JSONValue?]) {
        var manifests: [JSONValue] = []
        for format in ["npy", "nifti"] {
            try await expect(program, "training-set export t --format \(format) --out \(name)/\(format)")
            let text = String(decoding: try home.read("\(name)/\(format)/manifest.json"), as: UTF8.self)
            manifests.append(try JSONValue(parsing: text))
        }
        let shape = manifests[0]["image"]?["shape"]?.array?.compactMap { $0.number.map { Int($0) } } ?? []
        return (shape, manifests.map { $0["files"] })
    }

    private static func expect(
        _ program: Program, _ line: String, code: Int32 = 0, says: String = ""
    ) async throws {
        let result = try await program.run(line.split(separator: " ").map(String.init))
        try #require(result.exitCode == code, "\(line): \(result.error)")
        #expect(says.isEmpty || result.error.contains(says), "\(line): \(result.error)")
    }
}
