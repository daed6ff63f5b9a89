import Foundation
import SQLInterface
import TestSupport
import Testing
import Warehouse

/// A database that cannot be reached, refuses us or goes away: one sentence, the right exit code, nothing lost.
@Suite(
    "Faults of the server", .enabled(if: TestEngine.hasPostgreSQL, "\(TestEngine.isMissing)"))
struct ServerFaultTests {
    @Test func `a wrong password is said to be one, and is not repeated`() async throws {
        let home = try TemporaryFolder()
        let program = try Program(home: home)
        let server = try TestWarehouse(url: TestEngine.url)
        try await server.script(
            """
            DO $$ BEGIN CREATE ROLE slicehouse_password LOGIN PASSWORD 'right-password';
            EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$
            """)
        let url = TestEngine.url(user: "slicehouse_password")
        let result = try await program.with("PGPASSWORD", "wrongpassword").run("status", "--database", url)
        try expect(result, 74, says: "password")
        #expect(!result.error.contains("wrongpassword"))
        let inURL = TestEngine.url(user: "slicehouse_password:wrongpassword")
        let second = try await program.run("ingest", "--database", inURL, home.path)
        try expect(second, 74, says: "password")
        #expect(!second.error.contains("wrongpassword"))
    }

    @Test func `a server that is not there is to be tried again later`() async throws {
        let home = try TemporaryFolder()
        let program = try Program(home: home)
        let url = "postgresql://slicehouse@/postgres?host=" + home.path
        try expect(try await program.run("status", "--database", url), 75, says: "no server can be reached")
        try expect(try await program.run("ingest", "--database", url, home.path), 75, says: "no server can be reached")
    }

    @Test func `a database that does not exist is named`() async throws {
        let home = try TemporaryFolder()
        let url = TestEngine.url(database: "no_such_database")
        let result = try await Program(home: home).run("ingest", "--database", url, home.path)
        try expect(result, 74, says: "the database does not exist")
    }

    @Test func `a role without rights is refused and leaves nothing behind`() async throws {
        let home = try TemporaryFolder()
        try await TestWarehouse.with(.postgresql) { place in
            let program = try Program(home: home)
            #expect(try await program.run("migrate", "--database", place.url).exitCode == 0)
            try await place.script(
                """
                DO $$ BEGIN CREATE ROLE slicehouse_stranger LOGIN;
                EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$
                """)
            let url = place.url.replacing("://slicehouse@", with: "://slicehouse_stranger@")
            let result = try await program.run("ingest", "--database", url, home.path)
            #expect(result.exitCode == 74 || result.exitCode == 64, "\(result.error)")
            #expect(result.errorLines.count == 1, "\(result.error)")
        }
    }

    @Test func `backends that are terminated again and again cost nothing but time`() async throws {
        let cohort = try await Cohorts.mixed()
        let home = try TemporaryFolder()
        let program = try Program(home: home)
        let server = try TestWarehouse(url: TestEngine.url)
        try await TestWarehouse.with(.postgresql) { place in
            let name = "t" + String(UUID().uuidString.prefix(12))
            var hits = 0
            for round in 0..<8 {
                let run = try program.with("PGAPPNAME", name).start(
                    ["ingest", "--database", place.url, "--batch-slices", "5", cohort.path])
                while run.isRunning, round < 7 {
                    try await Task.sleep(for: .milliseconds(20 + 30 * round))
                    hits += try await terminateBackends(named: name, of: server)
                }
                let result = try await run.result()
                #expect([0, 65, 75].contains(result.exitCode), "\(result.error)")
                if result.exitCode == 75 {
                    #expect(result.errorLines.last?.hasPrefix("slicehouse: ") == true, "\(result.error)")
                }
            }
            #expect(hits > 0)
            try await expectUndisturbed(place, program, cohort)
        }
    }

    @Test func `a server that stops in mid-run is to be tried again later`() async throws {
        let cohort = try await Cohorts.wholeICH()
        let home = try TemporaryFolder()
        let program = try Program(home: home)
        let script = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "throwaway-postgresql").path(percentEncoded: false)
        // The server lives as long as the command: until the run has begun to store.
        let stop = "until [ -e \"$1\" ]; do sleep 0.05; done"
        let flag = home.path("stop")
        let url = home.path("url")
        let server = try program.start(
            ["--", "/bin/sh", "-c", "echo \"$SLICEHOUSE_TEST_POSTGRESQL\" > \"$2\"; \(stop)", "sh", flag, url],
            tool: script)
        while server.isRunning, !FileManager.default.fileExists(atPath: url) {
            try await Task.sleep(for: .milliseconds(50))
        }
        let address = String(decoding: try home.read("url").dropLast(), as: UTF8.self)
        let run = try program.with("SLICEHOUSE_FAILPOINT", "after-commit:3:stop").start([
            "ingest", "--database", address, "--batch-slices", "20", cohort.path,
        ])
        #expect(try await run.waitUntilStopped())
        try home.write("", to: "stop")
        _ = try await server.result()
        run.resume()
        let result = try await run.result()
        #expect(result.exitCode == 75, "\(result.error)")
        #expect(result.errorLines.last?.hasPrefix("slicehouse: ") == true, "\(result.error)")
        #expect(result.output.isEmpty)
    }

    /// Returns how many there were.
    private func terminateBackends(named name: String, of server: TestWarehouse) async throws -> Int {
        try await server.open(migration: .ignore) { warehouse in
            try await warehouse.withConnection { connection in
                try await connection.rows(
                    """
                    SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = \(name)
                    """)[0].get(at: 0, as: Int.self)
            }
        }
    }

    // MARK: Expectations

    private func expect(_ result: Program.Result, _ code: Int32, says: String) throws {
        #expect(result.exitCode == code, "\(result.error)")
        #expect(result.errorLines.count == 1 && result.error.contains(says), "\(result.error)")
        #expect(result.output.isEmpty)
    }

    private func expectUndisturbed(
        _ place: TestWarehouse, _ program: Program, _ cohort: TemporaryFolder
    ) async throws {
        let undisturbed = try await TestWarehouse.with(.postgresql) { fresh in
            try await program.run("ingest", "--database", fresh.url, cohort.path)
            return try await WarehouseContents(of: fresh)
        }
        let differences = try await WarehouseContents(of: place).differences(from: undisturbed)
        #expect(differences == [])
        let broken = try await place.brokenPromises()
        #expect(broken == [])
    }
}
