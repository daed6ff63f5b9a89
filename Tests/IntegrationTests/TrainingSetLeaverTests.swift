import SQLInterface
import TestSupport
import Testing
import Warehouse

/// Frozen samples that their query no longer chooses, as `training-set check` sees them.
@Suite("Samples that leave a training set")
struct TrainingSetLeaverTests {
    /// A corrected file is another source, whose annotations have other ids. Of two nodules in a series the first one may
    /// be the second by these.
    @Test(arguments: TestEngine.available)
    func `crops and volumes of a corrected table differ where a diameter does`(engine: WarehouseEngine) async throws {
        let home = try TemporaryFolder()
        try SmallLUNA.write(to: home)
        let path = try #require(home.files(below: "luna").first { $0.hasSuffix("/annotations.csv") })
        let lines = try Self.pairs(home, path)
        try await TestWarehouse.with(engine) { place in
            let ingest = try TestIngest(into: place, home: home)
            let program = try Program(home: home).with("SLICEHOUSE_DATABASE", place.url)
            func store(_ lines: [String]) async throws {
                try home.write(lines.joined(separator: "\n") + "\n", to: path)
                try await ingest.run(home.path("luna"))
            }
            func checked() async throws -> [SetCheck] {
                [try await SetCheck.of("crops", by: program), try await SetCheck.of("volumes@1", by: program)]
            }
            try await store(lines)
            let spheres = "--split s --recipe nodule-crop --target spheres --marks source=annotations --sample"
            let volumes = "training-set create volumes \(spheres) volume"
            for line in [
                "split create s --folds all=1", "training-set create crops \(spheres) crop --shape 3x8x8 --outside pad",
                volumes,
            ] { try await program.succeed(line) }
            #expect(try await place.count("SELECT count(*) FROM training_sample") == 20 + 10)
            #expect(try await checked() == [.clean, .clean])

            // The same nodules in another order: nothing that is learned differs, though another text is stored.
            try await store([lines[0]] + lines.dropFirst().reversed())
            #expect(try await checked() == [.clean, .clean])
            try await program.succeed(volumes)
            #expect(try await place.count("SELECT count(*) FROM training_set WHERE name = 'volumes'") == 2)

            // Both crops of the series show both nodules.
            let uid = try #require(Self.volumes(home).min())
            let corrected = lines.map { line in
                guard line.hasPrefix(uid + ",") else { return line }
                return line.split(separator: ",").dropLast().joined(separator: ",") + ",11.5"
            }
            #expect(corrected != lines)
            try await store(corrected)
            #expect(
                try await checked() == [
                    SetCheck(exitCode: 65, counts: ["targets": 2]), SetCheck(exitCode: 65, counts: ["targets": 1]),
                ])
        }
    }

    /// Series whose volumes are written.
    private static func volumes(_ home: TemporaryFolder) -> Set<String> {
        let files = home.files(below: "luna").filter { $0.hasSuffix(".mhd") }
        return Set(files.compactMap { $0.split(separator: "/").last }.map { String($0.dropLast(".mhd".count)) })
    }

    /// The lines of the table of nodules, with a second one beside that of each volume, 2 mm along x.
    private static func pairs(_ home: TemporaryFolder, _ path: String) throws -> [String] {
        let uids = volumes(home)
        let table = String(decoding: try home.read(path), as: UTF8.self)
        return table.split(separator: "\n").map(String.init).flatMap { line -> [String] in
            let cells = line.split(separator: ",").map(String.init)
            guard uids.contains(cells[0]), let x = Double(cells[1]) else { return [line] }
            return [line, "\(cells[0]),\(x + 2),\(cells[2]),\(cells[3]),7.5"]
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
