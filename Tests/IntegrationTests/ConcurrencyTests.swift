import SQLInterface
import TestSupport
import Testing
import Warehouse

/// Two runs at once, and runs that are stopped from outside.
@Suite("Runs at the same time")
struct ConcurrencyTests {
    @Test(.enabled(if: TestEngine.hasPostgreSQL, "\(TestEngine.isMissing)"))
    func `two ingests of one folder at once both finish, and PostgreSQL holds what one would have stored`()
        async throws
    {
        let cohort = try await Cohorts.mixed()
        let home = try TemporaryFolder()
        let program = try Program(home: home)
        let contents = try await TestWarehouse.with(.postgresql) { place in
            let ingest = ["ingest", "--database", place.url, "--batch-slices", "20", cohort.path]
            async let first = program.run(ingest)
            async let second = program.run(ingest)
            for result in try await [first, second] { #expect([0, 65].contains(result.exitCode), "\(result.error)") }
            #expect(try await place.brokenPromises() == [])
            #expect(try await place.count("SELECT count(*) FROM ingest_run WHERE status = 'completed'") == 2)
            return try await WarehouseContents(of: place)
        }
        let alone = try await TestWarehouse.with(.postgresql) { place in
            try await program.run("ingest", "--database", place.url, cohort.path)
            return try await WarehouseContents(of: place)
        }
        #expect(contents.differences(from: alone) == [])
    }

    @Test func `a second writer of an SQLite warehouse is told to try again`() async throws {
        let cohort = try await Cohorts.mixed()
        let home = try TemporaryFolder()
        let program = try Program(home: home)
        try await TestWarehouse.with(.sqlite) { place in
            try await place.open(.write(create: true)) { warehouse in
                try await warehouse.withConnection(.write) { _ in }
                let second = try await program.run("ingest", "--database", place.url, cohort.path)
                #expect(second.exitCode == 75, "\(second.error)")
                #expect(second.errorLines.count == 1, "\(second.error)")
                // Readers are not in anybody's way.
                let reader = try await program.run("status", "--database", place.url)
                #expect(reader.exitCode == 0, "\(reader.error)")
            }
            #expect(try await program.run("ingest", "--database", place.url, cohort.path).exitCode == 65)
        }
    }

    @Test(arguments: TestEngine.available, [Int32(2), 15])
    func `Ctrl-C ends a run between two commits, and the same command goes on from there`(
        engine: WarehouseEngine, signal: Int32
    ) async throws {
        let cohort = try await Cohorts.wholeICH()
        let home = try TemporaryFolder()
        let program = try Program(home: home)
        try await TestWarehouse.with(engine) { place in
            let ingest = ["ingest", "--database", place.url, "--batch-slices", "5", "--workers", "1", cohort.path]
            let run = try program.with("SLICEHOUSE_FAILPOINT", "after-commit:3:stop").start(ingest)
            #expect(try await run.waitUntilStopped())
            run.send(signal)
            run.resume()
            let result = try await run.result()
            #expect(result.exitCode == 130, "\(result.error)")
            #expect(result.errorLines.last?.contains("Interrupted") == true, "\(result.error)")
            #expect(try await place.rows("SELECT status FROM ingest_run").scalar == "interrupted")
            #expect(try await place.count("SELECT count(*) FROM slice") ?? 0 < 7815)
            let second = try await program.run("ingest", "--database", place.url, cohort.path)
            #expect(second.exitCode == 0, "\(second.error)")
            // 2501 + 2500 + 318 pictures, 2 × 2814 slices of volumes.
            #expect(try await place.count("SELECT count(*) FROM slice") == 10947)
            #expect(try await place.brokenPromises() == [])
        }
    }

    @Test(arguments: TestEngine.available)
    func `a run that was killed is marked abandoned once it can be told`(engine: WarehouseEngine) async throws {
        let cohort = try await Cohorts.mixed()
        let home = try TemporaryFolder()
        let program = try Program(home: home)
        try await TestWarehouse.with(engine) { place in
            let ingest = ["ingest", "--database", place.url, cohort.path]
            try await program.with("SLICEHOUSE_FAILPOINT", "scanned").run(ingest)
            #expect(try await place.rows("SELECT status FROM ingest_run").scalar == "running")
            if engine == .postgresql {
                // Another machine may still be at it; ten minutes without a sign of life say that it is not.
                try await place.open(.write(create: false)) { warehouse in
                    _ = try await warehouse.withConnection(.write) {
                        try await $0.execute(
                            "UPDATE ingest_run SET heartbeat_at = heartbeat_at - CAST('11 minutes' AS interval)")
                    }
                }
            }
            try await program.run(ingest)
            let states = try await place.rows("SELECT status FROM ingest_run ORDER BY ingest_run_id")
            #expect(try states.map { try $0.get("status", as: String.self) } == ["abandoned", "completed"])
        }
    }
}
