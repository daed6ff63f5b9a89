import CanonicalJSON
import TestSupport
import Testing
import Warehouse

/// Training sets that have lost rows of their own; python/tests/test_refusals.py has the batches.
@Suite("Training sets that are not whole")
struct TrainingSetWholeTests {
    @Test(arguments: TestEngine.available)
    func `a set that has lost samples is refused by who reads it, and check counts them`(
        engine: WarehouseEngine
    ) async throws {
        let home = try TemporaryFolder()
        try await Self.withSet("slice", engine, home) { place, program in
            let more = ["training-set export t --format csv --out out/csv --replace", "training-set show t"]
            let all = Self.readers + more
            try await Self.refuse(program, all, says: nil)
            try await place.script("DELETE FROM training_sample WHERE sample_number = 1")
            try await Self.refuse(
                program, all,
                says: "t@1: the set is not whole any more: it was frozen with 4 samples, and the warehouse has 3; see "
                    + "slicehouse training-set check t@1")
            // The lost one would be chosen today.
            #expect(try await Self.checked(program) == ["digest": 1, "samples": 1, "would_join": 1])
        }
    }

    /// The last slice leaves no gap between the others.
    @Test(arguments: TestEngine.available)
    func `a sample that has lost a slice is refused where its pixels are read, and check counts it`(
        engine: WarehouseEngine
    ) async throws {
        let home = try TemporaryFolder()
        try await Self.withSet("volume", engine, home) { place, program in
            try await Self.refuse(program, Self.readers, says: nil)
            try await place.script("DELETE FROM training_sample_slice WHERE slice_ordinal = 3")
            try await Self.refuse(
                program, Self.readers,
                says: "t@1: the set is not whole any more: its sample 0 has other slices than those it was frozen with")
            #expect(try await Self.checked(program) == ["slices": 1])
        }
    }

    // MARK: Steps

    private static let readers = [
        "training-set export t --format npy --out out/npy --replace", "training-set bake t --out out/bake --replace",
        "training-set bake t --out out/bake", "batches preview t --count 1 --out out.png",
    ]

    /// One series of four slices in the set `t`.
    private static func withSet(
        _ sample: String, _ engine: WarehouseEngine, _ home: TemporaryFolder,
        _ body: (TestWarehouse, Program) async throws -> Void
    ) async throws {
        let folder = try TemporaryFolder()
        try TinySeries().write(0..<4, to: folder)
        try await TestWarehouse.with(engine) { place in
            try await TestIngest(into: place, home: home).run(folder.path)
            let program = try Program(home: home).with("SLICEHOUSE_DATABASE", place.url)
            try home.write("{layout: NCDHW, steps: []}", to: "deep.yaml")
            for line in [
                "split create s --folds all=1",
                "training-set create t --split s --recipe deep.yaml --sample \(sample) --target none",
            ] {
                let run = try await program.run(line.split(separator: " ").map(String.init))
                try #require(run.exitCode == 0, "\(line): \(run.error)")
            }
            try await body(place, program)
        }
    }

    /// - Parameter words: nil where nothing is refused.
    private static func refuse(_ program: Program, _ lines: [String], says words: String?) async throws {
        for line in lines {
            let run = try await program.run(line.split(separator: " ").map(String.init))
            #expect(run.exitCode == (words == nil ? 0 : 65), "\(line): \(run.error)")
            if let words { #expect(run.error.contains(words), "\(line): \(run.error)") }
        }
    }

    /// Counts by check; all that is lost is an error.
    private static func checked(_ program: Program) async throws -> [String: Int] {
        let run = try await program.run("training-set", "check", "t", "--json")
        #expect(run.exitCode == 65, "\(run.error)")
        var counts: [String: Int] = [:]
        for line in run.output.split(separator: "\n") {
            let found = try JSONValue(parsing: String(line))
            counts[found["check"]?.string ?? ""] = found["count"]?.number.map { Int($0) }
        }
        return counts
    }
}
