import CanonicalJSON
import Foundation
import Phantom
import SQLInterface
import TestSupport
import Testing
import Warehouse

/// A corrected table that comes from another folder counts beside the first until a person retires one of them.
@Suite("Sources of labels") struct LabelSourceTests {
    private static let person = ["--author", "A. Reader", "--reason", "read again by two people"]

    /// The pictures of CT-ICH 1.0.0 with their table, and in another folder the table with one answer corrected.
    private struct Place {
        let home: TemporaryFolder
        let program: Program
        let warehouse: TestWarehouse

        init(_ warehouse: TestWarehouse) async throws {
            home = try TemporaryFolder()
            program = try Program(home: home)
            self.warehouse = warehouse
            try home.copy(try await Cohorts.smallICH().path("ich/ct-ich-1.0.0"), to: "first")
            let table = String(decoding: try home.read("first/hemorrhage_diagnosis.csv"), as: UTF8.self)
            // Slice 1 of patient 49 shows nothing in the cohort.
            #expect(table.contains("49,1,0,0,0,0,0,1,0"))
            try home.write(
                table.replacing("49,1,0,0,0,0,0,1,0", with: "49,1,0,0,0,0,1,0,0"), to: "second/hemorrhage_diagnosis.csv"
            )
        }

        @discardableResult
        func run(_ arguments: [String], exitCode: Int32 = 0) async throws -> Program.Result {
            let verbs = arguments.prefix { !$0.hasPrefix("-") && !$0.hasPrefix("/") }
            let rest = arguments.dropFirst(verbs.count)
            let result = try await program.run(verbs + ["--database", warehouse.url] + rest)
            #expect(result.exitCode == exitCode, "\(arguments): \(result.error)")
            return result
        }

        /// Answers to one question about slices, and how many of them say present.
        func subdural() async throws -> [Int] {
            let row = try await warehouse.rows(
                """
                SELECT count(*) AS answers, count(CASE WHEN term_name = 'present' THEN 1 END) AS present
                FROM label_current WHERE domain_name = 'subdural' AND level = 'slice'
                """)[0]
            return [try row.get("answers"), try row.get("present")]
        }

        func overlaps() async throws -> [String] {
            try await warehouse.rows(
                "SELECT sentence FROM quality_finding WHERE check_name = 'label_sources_overlap' ORDER BY sentence"
            ).map { try $0.get("sentence") }
        }

        /// Ids of the files of the slice table by folder, with what `domains sources` says of them.
        func sources() async throws -> [String: (id: String, state: String)] {
            let listed = try await run(["domains", "sources", "--format", "json"]).output
            let rows = try listed.split(separator: "\n").map { try JSONValue(parsing: String($0)) }
            let tables = rows.filter { $0["name"]?.string == "hemorrhage_diagnosis" }
            return Dictionary(
                tables.map { row in
                    let folder = row["folder"]?.string?.split(separator: "/").last.map(String.init) ?? ""
                    return (folder, (row["source_id"]?.string ?? "", row["state"]?.string ?? ""))
                }, uniquingKeysWith: { first, _ in first })
        }
    }

    @Test(arguments: TestEngine.available)
    func `a table from another folder that answers the same questions is told, and can be retired and restored`(
        engine: WarehouseEngine
    ) async throws {
        try await TestWarehouse.with(engine) { warehouse in
            let place = try await Place(warehouse)
            #expect(try await !place.run(["ingest", place.home.path("first")]).error.contains("count"))
            let alone = try await place.subdural()
            let second = try await place.run(["ingest", place.home.path("second")])
            let answers = alone[0] * 7
            #expect(second.error.contains("two files that differ"), "\(second.error)")
            #expect(second.error.contains("\(answers) questions are answered by both, 2 of them differently"))
            #expect(try await place.subdural() == [2 * alone[0], 2 * alone[1] + 1])
            #expect(try await place.overlaps().count == 1)
            let sources = try await place.sources()
            #expect(sources.mapValues(\.state) == ["first": "counts", "second": "counts"])
            let first = try #require(sources["first"]?.id)
            let stored = try await warehouse.count("SELECT count(*) FROM label")

            let unclear = try await place.run(
                ["domains", "retire", "hemorrhage_diagnosis"] + Self.person, exitCode: 64)
            #expect(unclear.error.contains(first) && unclear.error.contains(sources["second"]?.id ?? "?"))
            try await place.run(["domains", "retire", first] + Self.person)
            #expect(try await place.subdural() == [alone[0], alone[1] + 1])
            #expect(try await place.overlaps() == [])
            #expect(try await place.sources().mapValues(\.state) == ["first": "retired", "second": "counts"])
            #expect(try await warehouse.count("SELECT count(*) FROM label") == stored)
            let again = try await place.run(["domains", "retire", first] + Self.person, exitCode: 64)
            #expect(again.error.contains("retired already"), "\(again.error)")
            // What a person retired stays out when its file is read again, from wherever.
            try await place.run(["ingest", "--rehash", place.home.path("first")])
            try place.home.copy(place.home.path("first/hemorrhage_diagnosis.csv"), to: "third/hemorrhage_diagnosis.csv")
            try await place.run(["ingest", place.home.path("third")])
            #expect(try await place.subdural() == [alone[0], alone[1] + 1])
            #expect(try await warehouse.brokenPromises() == [])

            let restored = try await place.run(["domains", "retire", first, "--restore"] + Self.person)
            #expect(restored.error.contains("two files that differ"), "\(restored.error)")
            #expect(try await place.subdural() == [2 * alone[0], 2 * alone[1] + 1])
            #expect(try await place.overlaps().count == 1)
            try await place.run(["domains", "retire", first] + Self.person)
            let history = try await warehouse.rows(
                """
                SELECT ordinal, author, restore_author FROM label_source_retirement ORDER BY ordinal
                """)
            #expect(try history.map { try $0.get("restore_author", as: String?.self) } == ["A. Reader", nil])
            #expect(try await warehouse.brokenPromises() == [])
        }
    }

    /// RSNA published its labels twice: the table of the second stage has those of the first.
    @Test(arguments: TestEngine.available)
    func `two tables of one data set that answer the same questions are told`(engine: WarehouseEngine) async throws {
        let home = try TemporaryFolder()
        let program = try Program(home: home)
        _ = try RSNA2019Phantom().write(to: home.path("rsna"))
        let table = String(decoding: try home.read("rsna/stage_2_train.csv"), as: UTF8.self)
        // The first image has an epidural haemorrhage.
        var lines = table.split(separator: "\n").map(String.init)
        try #require(lines[1].hasSuffix("_epidural,1"))
        lines[1] = String(lines[1].dropLast()) + "0"
        try await TestWarehouse.with(engine) { warehouse in
            let alone = try await program.run("ingest", "--database", warehouse.url, home.path("rsna"))
            #expect(!alone.error.contains("answer the same questions"), "\(alone.error)")
            try home.write(lines.joined(separator: "\n") + "\n", to: "rsna/stage_1_train.csv")
            let both = try await program.run("ingest", "--database", warehouse.url, home.path("rsna"))
            // Of 22 labelled images, the one that is cut and the ten that are not here.
            let sentence = """
                The tables stage_1_train and stage_2_train of rsna-ich-2019@2 answer the same questions, and both \
                count: 198 questions are answered by both, 1 of them differently;
                """
            #expect(both.error.contains(sentence), "\(both.error)")
            let overlaps: SQL = "SELECT count(*) FROM quality_finding WHERE check_name = 'label_sources_overlap'"
            #expect(try await warehouse.count(overlaps) == 1)
            let retired = try await program.run(
                ["domains", "retire", "stage_1_train", "--database", warehouse.url] + Self.person)
            #expect(retired.exitCode == 0, "\(retired.error)")
            #expect(try await warehouse.count(overlaps) == 0)
        }
    }

    /// Labels without images count as they will when the images are there: what is told then is told before.
    @Test(arguments: TestEngine.available)
    func `tables that overlap are told while both wait for their images, and once`(
        engine: WarehouseEngine
    ) async throws {
        try await TestWarehouse.with(engine) { warehouse in
            let place = try await Place(warehouse)
            try place.home.move("first/Patients_CT", to: "aside/Patients_CT")
            let table = String(decoding: try place.home.read("first/hemorrhage_diagnosis.csv"), as: UTF8.self)
            let answers = (table.split(whereSeparator: \.isNewline).count - 1) * 7
            let first = try await place.run(["ingest", place.home.path("first")])
            #expect(!first.error.contains("two files that differ"), "\(first.error)")
            let second = try await place.run(["ingest", place.home.path("second")])
            #expect(try await warehouse.count("SELECT count(*) FROM label WHERE slice_id IS NOT NULL") == 0)
            let extent = "\(answers) questions are answered by both, 2 of them differently"
            #expect(second.error.contains(extent), "\(second.error)")
            let told = try await place.overlaps()
            #expect(told.count == 1 && told[0].contains(extent), "\(told)")

            let source = try #require(try await place.sources()["first"]?.id)
            try await place.run(["domains", "retire", source] + Self.person)
            #expect(try await place.overlaps() == [])
            let restored = try await place.run(["domains", "retire", source, "--restore"] + Self.person)
            #expect(restored.error.contains(extent), "\(restored.error)")

            try place.home.move("aside/Patients_CT", to: "first/Patients_CT")
            let images = try await place.run(["ingest", place.home.path("first")])
            #expect(!images.error.contains("two files that differ"), "\(images.error)")
            #expect(try await warehouse.count("SELECT count(*) FROM label WHERE slice_id IS NOT NULL") ?? 0 > 0)
            #expect(try await place.overlaps() == told)
            #expect(try await warehouse.brokenPromises() == [])
        }
    }

    @Test(arguments: TestEngine.available)
    func `a correction names one of two files, and outlives the file that it was made on`(
        engine: WarehouseEngine
    ) async throws {
        try await TestWarehouse.with(engine) { warehouse in
            let place = try await Place(warehouse)
            for folder in ["first", "second"] { try await place.run(["ingest", place.home.path(folder)]) }
            let sources = try await place.sources()
            let (first, second) = (try #require(sources["first"]?.id), try #require(sources["second"]?.id))
            let what = ["domains", "correct", "fracture", "--patient", "049", "--slice", "3", "--value", "1"]
            func correct(_ more: [String], exitCode: Int32 = 0) async throws -> String {
                try await place.run(what + more + Self.person, exitCode: exitCode).output
            }
            let unclear = try await correct(["--source", "hemorrhage_diagnosis"], exitCode: 64)
            for (source, folder) in [(first, "first"), (second, "second")] {
                #expect(unclear.contains("--source \(source), "), "\(unclear)")
                #expect(unclear.contains(place.home.path("\(folder)/hemorrhage_diagnosis.csv")), "\(unclear)")
            }
            _ = try await correct(["--source", first])
            let current: SQL = """
                SELECT label_current.label_source_name, label_current.raw_value FROM label_current
                JOIN slice ON slice.patient_id = label_current.patient_id AND slice.slice_id = label_current.slice_id
                JOIN patient ON patient.patient_id = label_current.patient_id
                WHERE label_current.domain_name = 'fracture' AND patient.patient_key = '049'
                    AND slice.instance_number = 3
                ORDER BY 1, 2
                """
            func answers() async throws -> [String] {
                try await warehouse.rows(current).map { row in
                    let (source, value): (String, String) = (try row.get(at: 0), try row.get(at: 1))
                    return "\(source)=\(value)"
                }
            }
            #expect(try await answers() == ["corrections=1", "hemorrhage_diagnosis=0"])
            try await place.run(["domains", "retire", first] + Self.person)
            #expect(try await answers() == ["corrections=1"])
            #expect(try await warehouse.brokenPromises() == [])
        }
    }

    /// `slicehouse_loader` may; who only reads may not, and hears it in one sentence (exit code 74).
    @Test(.enabled(if: TestEngine.hasPostgreSQL, Comment(rawValue: TestEngine.isMissing)))
    func `in PostgreSQL a loader may retire a source, and a reader may not`() async throws {
        try await TestWarehouse.with(.postgresql) { warehouse in
            let place = try await Place(warehouse)
            try await place.run(["ingest", place.home.path("first")])
            guard case .postgresql(_, let schema) = warehouse.location.store else { return }
            for role in ["slicehouse_reader", "slicehouse_loader"] {
                let user = "u_" + schema + "_" + role.suffix(6)
                try await warehouse.script("CREATE ROLE \(user) LOGIN IN ROLE \(role)")
                let url = TestEngine.url(user: user, options: ["schema=" + schema])
                let run = try await place.program.run(
                    ["domains", "retire", "hemorrhage_diagnosis", "--database", url] + Self.person)
                let mayWrite = role == "slicehouse_loader"
                #expect(run.exitCode == (mayWrite ? 0 : 74), "\(role): \(run.error)")
                try await warehouse.script("DROP ROLE \(user)")
            }
            #expect(try await place.sources()["first"]?.state == "retired")
        }
    }
}
