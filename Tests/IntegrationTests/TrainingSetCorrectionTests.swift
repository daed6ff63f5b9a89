import TestSupport
import Testing
import Warehouse

/// Sets whose labels and marks were corrected after they were frozen, as `training-set check` sees them.
@Suite("Corrections behind training sets")
struct TrainingSetCorrectionTests {
    /// A corrected file is another source, whose annotations have other ids.
    @Test(arguments: TestEngine.available)
    func `crops around a corrected table of candidates differ where a class does`(engine: WarehouseEngine) async throws {
        let home = try TemporaryFolder()
        try SmallLUNA.write(to: home)
        try await TestWarehouse.with(engine) { place in
            let ingest = try TestIngest(into: place, home: home)
            let program = try Program(home: home).with("SLICEHOUSE_DATABASE", place.url)
            try await ingest.run(home.path("luna"))
            try await program.succeed("split create s --folds all=1")
            for (name, target) in [
                ("labels", "labels --domain nodule_candidate"), ("grade", "grade --domain nodule_candidate"),
                ("none", "none"),
            ] {
                try await program.succeed(
                    "training-set create \(name) --split s --sample crop --shape 3x8x8 --outside pad "
                        + "--recipe nodule-crop --target \(target) --marks source=candidates")
                #expect(try await SetCheck.of(name, by: program) == .clean, "\(name)")
            }
            let path = try #require(home.files(below: "luna").first { $0.hasSuffix("/candidates.csv") })
            var lines = String(decoding: try home.read(path), as: UTF8.self).split(separator: "\n").map(String.init)
            let volume = try #require(home.files(below: "luna").first { $0.hasSuffix(".mhd") })
            let uid = try #require(volume.split(separator: "/").last).dropLast(".mhd".count)
            let candidate = try #require(lines.firstIndex { $0.hasPrefix(uid + ",") && $0.hasSuffix(",0") })

            lines[candidate] = String(lines[candidate].dropLast()) + "1"
            try home.write(lines.joined(separator: "\n") + "\n", to: path)
            try await ingest.run(home.path("luna"))
            for name in ["labels", "grade"] {
                let found = try await SetCheck.of(name, by: program)
                #expect(found == SetCheck(exitCode: 65, counts: ["targets": 1]), "\(name): \(found)")
            }
            #expect(try await SetCheck.of("none", by: program) == .clean)
        }
    }
}
