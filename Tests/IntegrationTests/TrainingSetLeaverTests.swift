import TestSupport
import Testing
import Warehouse

/// Frozen samples that their query no longer chooses, as `training-set check` sees them.
@Suite("Samples that leave a training set")
struct TrainingSetLeaverTests {
    /// A corrected file is another source, whose annotations have other ids.
    @Test(arguments: TestEngine.available)
    func `crops around a corrected table differ where a diameter does`(engine: WarehouseEngine) async throws {
        let home = try TemporaryFolder()
        try SmallLUNA.write(to: home)
        try await TestWarehouse.with(engine) { place in
            let ingest = try TestIngest(into: place, home: home)
            let program = try Program(home: home).with("SLICEHOUSE_DATABASE", place.url)
            try await ingest.run(home.path("luna"))
            for line in [
                "split create s --folds all=1",
                "training-set create t --split s --sample crop --shape 3x8x8 --outside pad --recipe nodule-crop "
                    + "--target spheres --marks source=annotations",
            ] { try await program.succeed(line) }
            #expect(try await SetCheck.of("t", by: program) == .clean)
            let path = try #require(home.files(below: "luna").first { $0.hasSuffix("/annotations.csv") })
            let table = String(decoding: try home.read(path), as: UTF8.self)
            let lines = table.split(separator: "\n").map(String.init)
            let nodules = Array(lines.dropFirst())

            // The same nodules in another order: nothing that is learned differs.
            let turned = [lines[0]] + Array(nodules.reversed())
            try home.write(turned.joined(separator: "\n") + "\n", to: path)
            try await ingest.run(home.path("luna"))
            #expect(try await SetCheck.of("t", by: program) == .clean)

            // The series whose volumes are written have a nodule each, so that no other crop shows it.
            let volume = try #require(home.files(below: "luna").first { $0.hasSuffix(".mhd") })
            let uid = try #require(volume.split(separator: "/").last).dropLast(".mhd".count)
            let corrected = lines.map { line in
                guard line.hasPrefix(uid + ",") else { return line }
                return line.split(separator: ",").dropLast().joined(separator: ",") + ",11.5"
            }
            #expect(corrected != lines)
            try home.write(corrected.joined(separator: "\n") + "\n", to: path)
            try await ingest.run(home.path("luna"))
            #expect(try await SetCheck.of("t", by: program) == SetCheck(exitCode: 65, counts: ["targets": 1]))
        }
    }

    /// A mask without a marked voxel has no centre that a crop could lie around.
    @Test(arguments: TestEngine.available)
    func `a crop whose mask was emptied has another target`(engine: WarehouseEngine) async throws {
        let home = try TemporaryFolder()
        try await TestWarehouse.with(engine) { place in
            let program = try Program(home: home).with("SLICEHOUSE_DATABASE", place.url)
            for line in [
                "phantom physionet-ich ct --patients 3 --matrix 48", "ingest ct", "split create s --folds all=1",
                "training-set create t --split s --sample crop --shape 3x9x9 --outside pad --recipe nodule-crop "
                    + "--target mask",
            ] { try await program.succeed(line) }
            #expect(try await SetCheck.of("t", by: program) == .clean)
            try await place.script(
                "DELETE FROM annotation_mask WHERE annotation_id = (SELECT min(annotation_id) FROM training_sample)")
            let found = try await SetCheck.of("t", by: program)
            #expect(found.exitCode == 65 && found.counts["would_leave"] == 1, "\(found)")
            #expect((found.counts["targets"] ?? 0) >= 1, "\(found)")
        }
    }
}
