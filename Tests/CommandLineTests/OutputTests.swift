import CanonicalJSON
import Foundation
import SQLInterface
import TestSupport
import Testing
import Warehouse

/// What results look like on a terminal, in a pipe, and to a program.
@Suite("Output") struct OutputTests {
    private static func warehouse(_ home: TemporaryFolder) async throws -> (Program, database: String) {
        let program = try Program(home: home)
        let cohort = try await Cohorts.export()
        let database = "sqlite:" + home.path("w.sqlite")
        let result = try await program.run("ingest", "--database", database, cohort.path)
        #expect([0, 65].contains(result.exitCode), "\(result.error)")
        return (program, database)
    }

    /// A terminal of so many columns, as `script` gives one.
    private static func onTerminal(
        _ program: Program, columns: Int, _ arguments: [String]
    ) async throws -> [String] {
        let line = ([Program.path] + arguments).map { "'\($0)'" }.joined(separator: " ")
        let result = try await program.run(
            tool: "/usr/bin/script", ["-qec", "stty cols \(columns); \(line)", "/dev/null"])
        return result.output.split(whereSeparator: \.isNewline).map(String.init)
    }

    @Test func `tables fit the terminal, and are whole in a pipe`() async throws {
        let home = try TemporaryFolder()
        let (program, database) = try await Self.warehouse(home)
        for verb in [["series"], ["status"], ["domains"], ["status", "--rejected"]] {
            let piped = try await program.run(verb + ["--database", database])
            #expect(!piped.output.contains("…"), "\(verb)")
            for columns in [60, 80, 200] {
                let lines = try await Self.onTerminal(program, columns: columns, verb + ["--database", database])
                #expect(!lines.isEmpty && lines.allSatisfy { $0.count <= columns }, "\(verb) at \(columns)")
            }
        }
    }

    @Test func `control characters of a value cannot reach the terminal`() async throws {
        let home = try TemporaryFolder()
        let (program, database) = try await Self.warehouse(home)
        let statement = "SELECT 'a' || char(27) || '[2J' || char(10) || char(9) || char(155) AS value"
        let table = try await program.run("sql", statement, "--database", database)
        #expect(table.output.contains(#"a\x1b[2J\n\t\x9b"#))
        let json = try await program.run("sql", statement, "--format", "json", "--database", database)
        #expect(try JSONValue(parsing: json.output)["value"]?.string == "a\u{1B}[2J\n\t\u{9B}")
    }

    @Test func `programs get exact values, and nothing for no rows`() async throws {
        let home = try TemporaryFolder()
        let (program, database) = try await Self.warehouse(home)
        let none = try await program.run("sql", "SELECT 1 WHERE 0", "--format", "json", "--database", database)
        #expect(none.output.isEmpty && none.exitCode == 0)
        let statement = "SELECT 9e999 AS large, 1.0 / 3 AS third, NULL AS none"
        let csv = try await program.run("sql", statement, "--format", "csv", "--database", database)
        #expect(csv.output == "large,third,none\nInfinity,0.3333333333333333,\n")
        let table = try await program.run("sql", statement, "--database", database)
        #expect(table.output.contains("0.333333"))
    }

    @Test(arguments: ["SELECT $1 AS a", "SELECT ?1 AS a"])
    func `a statement with parameters has no values for them`(statement: String) async throws {
        let home = try TemporaryFolder()
        let (program, database) = try await Self.warehouse(home)
        let refused = try await program.run("sql", statement, "--database", database)
        #expect(refused.exitCode == 64 && refused.error.contains("write the value itself"), "\(refused.error)")
        #expect(refused.output.isEmpty)
    }

    /// PostgreSQL makes the object before 16, also in a session that only reads; later it refuses.
    @Test(.enabled(if: TestEngine.hasPostgreSQL, "\(TestEngine.isMissing)"))
    func `a statement that does more than read leaves nothing behind`() async throws {
        let home = try TemporaryFolder()
        let program = try Program(home: home)
        try await TestWarehouse.with(.postgresql) { place in
            try await place.open(.write(create: true)) { _ in }
            let made = try await program.run(
                "sql", "SELECT lo_from_bytea(0, 'abc') AS id", "--format", "csv", "--database", place.url)
            #expect(made.exitCode == 0 || made.exitCode == 64, "\(made.error)")
            let id = made.output.split(separator: "\n").dropFirst().first.flatMap { Int64($0) } ?? 0
            #expect((id > 0) == (made.exitCode == 0), "\(made.output)")
            let kept = try await place.count(
                "SELECT count(*) FROM pg_largeobject_metadata WHERE CAST(oid AS bigint) = \(id)")
            #expect(kept == 0)
        }
    }

    @Test func `the list of queries honours its format`() async throws {
        let home = try TemporaryFolder()
        let (program, database) = try await Self.warehouse(home)
        let json = try await program.run("sql", "--list", "--format", "json", "--database", database)
        let rows = try json.output.split(separator: "\n").map { try JSONValue(parsing: String($0)) }
        let patient = rows.filter { $0["query"] == "slices_of_patient" }
        #expect(patient.contains { $0["parameter"] == "patient_key" && $0["meaning"]?.string?.isEmpty == false })
        let csv = try await program.run("sql", "--list", "--format", "csv", "--database", database)
        #expect(csv.output.hasPrefix("query,title,parameter,default_sql,meaning\n"))
        let table = try await program.run("sql", "--list", "--database", database)
        #expect(table.output.contains("\n    --set patient_key="))
        #expect(Set(rows.compactMap { $0["query"]?.string }).allSatisfy { table.output.contains($0) })
    }

    /// The queries are files of the program, whatever a warehouse holds.
    @Test func `the list of queries needs no warehouse`() async throws {
        let home = try TemporaryFolder()
        let program = try Program(home: home)
        let list = try await program.run("sql", "--list")
        #expect(list.exitCode == 0 && list.output.contains("\n    --set patient_key="), "\(list.error)")
        let json = try await program.run(
            "sql", "--list", "--format", "json", "--database", "sqlite:" + home.path("none.sqlite"))
        #expect(json.exitCode == 0 && json.output.hasPrefix("{"), "\(json.error)")
        #expect(!FileManager.default.fileExists(atPath: home.path("none.sqlite")))
        let missing = try await program.run("sql", "findings")
        #expect(missing.exitCode != 0)
    }

    @Test func `a label without a value has no answer`() async throws {
        let home = try TemporaryFolder()
        let program = try Program(home: home)
        let database = "sqlite:" + home.path("w.sqlite")
        try home.copy(try await Cohorts.smallICH().path("ich/ct-ich-1.0.0"), to: "ich")
        let table = "ich/hemorrhage_diagnosis.csv"
        let text = String(decoding: try home.read(table), as: UTF8.self)
        try home.write(text.replacing("\r\n49,1,0,0,", with: "\r\n49,1,0,perhaps,", maxReplacements: 1), to: table)
        #expect(try await program.run("ingest", "--database", database, home.path("ich")).exitCode == 0)
        let domains = try await program.run("domains", "intraparenchymal", "--database", database)
        #expect(domains.output.contains("quarantined") && domains.output.contains("present"), "\(domains.output)")
        #expect(!domains.output.contains("term"), "\(domains.output)")
    }

    @Test func `an export leaves what is no file as it is, and follows links`() async throws {
        let home = try TemporaryFolder()
        let (program, database) = try await Self.warehouse(home)
        let series = try await program.run(
            "sql", "SELECT series_id AS id FROM series WHERE slice_count > 1 LIMIT 1", "--format", "csv", "--database",
            database)
        let id = series.output.split(separator: "\n").last.map(String.init) ?? ""
        func export(_ name: String) async throws -> Program.Result {
            try await program.run("export", "sheet", "--series", id, "--out", home.path(name), "--database", database)
        }
        #expect(unsafe mkfifo(home.path("pipe"), 0o600) == 0)
        let refused = try await export("pipe")
        #expect(refused.exitCode == 74 && refused.error.contains("no file that could be replaced"), "\(refused.error)")
        let kind = try FileManager.default.attributesOfItem(atPath: home.path("pipe"))[.type] as? FileAttributeType
        #expect(kind != .typeRegular)
        try home.write("old", to: "target.png")
        try FileManager.default.createSymbolicLink(atPath: home.path("link.png"), withDestinationPath: "target.png")
        #expect(try await export("link.png").exitCode == 0)
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: home.path("link.png")) == "target.png")
        #expect(try Data(contentsOf: URL(filePath: home.path("target.png"))).starts(with: [0x89, 0x50, 0x4E, 0x47]))
    }

    @Test func `a second export keeps the lines of the first`() async throws {
        let home = try TemporaryFolder()
        let (program, database) = try await Self.warehouse(home)
        let ids = try await program.run(
            "sql", "SELECT series_id AS id FROM series WHERE slice_count > 1 ORDER BY series_id LIMIT 2", "--format",
            "csv", "--database", database
        ).output.split(separator: "\n").dropFirst().map(String.init)
        var lines = 1
        for id in ids + ids {
            let result = try await program.run(
                "export", "png", home.path("pictures"), "--series", id, "--ids", "--database", database)
            #expect(result.exitCode == 0, "\(result.error)")
        }
        let index = try String(contentsOfFile: home.path("pictures/index.csv"), encoding: .utf8)
        let paths = index.split(separator: "\n").dropFirst().map { $0.split(separator: ",")[0] }
        for path in paths {
            #expect(FileManager.default.fileExists(atPath: home.path("pictures/\(path)")))
            lines += 1
        }
        #expect(Set(paths).count == paths.count && lines > 3)
    }
}
