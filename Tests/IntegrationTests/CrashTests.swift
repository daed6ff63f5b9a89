import Ingestion
import SQLInterface
import TestSupport
import Testing
import Warehouse

/// Promise 2 of the design: killed at any instant, a rerun completes, and the catalogue equals that of an undisturbed
/// run on every compared column.
///
/// `SLICEHOUSE_FAILPOINT` makes the program kill itself with SIGKILL at a named step, so nothing is flushed or closed.
@Suite("Crashes")
struct CrashTests {
    /// A step of a run, and which time it is passed.
    struct Blow: Sendable, CustomTestStringConvertible {
        let engine: WarehouseEngine
        let failpoint: String

        var testDescription: String { "\(engine.rawValue) \(failpoint)" }
    }

    /// Each step the first time; those that a run passes several times also later, up to the last label table.
    private static let failpoints =
        // Objects that mark images have crash tests of their own.
        Failpoint.allCases.map(\.rawValue).filter { !$0.hasPrefix("object-") }
        + ["pixels-loaded:3", "before-commit:4", "after-commit:2", "after-commit:5", "labels-loaded:2"]
        + ["labels-committed:2", "labels-committed:4"]

    static let blows = TestEngine.available.flatMap { engine in
        failpoints.map { Blow(engine: engine, failpoint: $0) }
    }

    @Test(arguments: blows)
    func `a run that is killed and run again gives what an undisturbed run gives`(blow: Blow) async throws {
        let cohort = try await Cohorts.everything()
        let home = try TemporaryFolder()
        let program = try Program(home: home)
        try await TestWarehouse.with(blow.engine) { place in
            let ingest = ["ingest", "--database", place.url, "--batch-slices", "60", cohort.path]
            let killed = try await program.with("SLICEHOUSE_FAILPOINT", blow.failpoint).run(ingest)
            #expect(killed.signal == 9, "the failpoint was not reached: \(killed.error)")
            let second = try await program.run(ingest)
            // What the killed run put into quarantine is known by now; what it had not reached is rejected here.
            #expect([0, 65].contains(second.exitCode), "\(second.error)")
            let undisturbed = try await Self.undisturbed.contents(of: blow.engine)
            #expect(try await WarehouseContents(of: place).differences(from: undisturbed) == [])
            #expect(try await place.brokenPromises() == [])
            let third = try await program.run(ingest)
            #expect(third.exitCode == 0 && third.output.contains("0 stored"), "\(third.output)")
        }
    }

    @Test(arguments: TestEngine.available)
    func `how slices are cut into transactions does not show in the catalogue`(engine: WarehouseEngine) async throws {
        let cohort = try await Cohorts.everything()
        let home = try TemporaryFolder()
        let program = try Program(home: home)
        try await TestWarehouse.with(engine) { place in
            let result = try await program.run(
                "ingest", "--database", place.url, "--batch-slices", "1", "--workers", "1", cohort.path)
            #expect(result.exitCode == 65, "\(result.error)")
            let undisturbed = try await Self.undisturbed.contents(of: engine)
            #expect(try await WarehouseContents(of: place).differences(from: undisturbed) == [])
        }
    }

    private static let undisturbed = UndisturbedRun()
}

/// The contents that one whole run gives, found once per engine.
private actor UndisturbedRun {
    private var tasks: [WarehouseEngine: Task<WarehouseContents, any Error>] = [:]

    func contents(of engine: WarehouseEngine) async throws -> WarehouseContents {
        let task =
            tasks[engine]
            ?? Task {
                let cohort = try await Cohorts.everything()
                let home = try TemporaryFolder()
                let program = try Program(home: home)
                return try await TestWarehouse.with(engine) { place in
                    try await program.run("ingest", "--database", place.url, cohort.path)
                    return try await WarehouseContents(of: place)
                }
            }
        tasks[engine] = task
        return try await task.value
    }
}
