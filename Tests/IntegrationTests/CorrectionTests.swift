import Foundation
import SQLInterface
import TestSupport
import Testing
import Warehouse

/// One label is replaced by what a person says; the old value is kept and no longer counts.
@Suite("Corrections") struct CorrectionTests {
    private static func current(_ place: TestWarehouse, domain: String) async throws -> [String] {
        try await place.rows(
            """
            SELECT label_current.raw_value, label_current.label_source_name FROM label_current
            JOIN patient ON patient.patient_id = label_current.patient_id
            JOIN slice ON slice.patient_id = label_current.patient_id AND slice.slice_id = label_current.slice_id
            WHERE label_current.domain_name = \(domain) AND patient.patient_key = '049' AND slice.instance_number = 3
            AND label_current.dataset_version = '1.3.1'
            """
        ).map { try $0.get("label_source_name", as: String.self) + "=" + $0.get("raw_value", as: String.self) }
    }

    private static let person = ["--author", "A. Reader", "--reason", "seen on the bone window"]

    @Test(arguments: TestEngine.available)
    func `a label is corrected, corrected again and withdrawn; each step is kept`(
        engine: WarehouseEngine
    ) async throws {
        let cohort = try await Cohorts.smallICH()
        let home = try TemporaryFolder()
        let program = try Program(home: home)
        try await TestWarehouse.with(engine) { place in
            #expect(try await program.run("ingest", "--database", place.url, cohort.path).exitCode == 0)
            let labels = try await place.count("SELECT count(*) FROM label") ?? 0
            let before = try await Self.current(place, domain: "fracture")
            #expect(before.count == 1)
            let own = ["domains", "correct", "fracture", "--database", place.url, "--patient", "049", "--slice", "3"]

            let many = try await program.run(own + ["--value", "1"] + Self.person)
            #expect(many.exitCode != 0 && many.error.contains("labels fit"), "\(many.error)")
            let label = try await place.rows(
                """
                SELECT label_current.label_id FROM label_current
                JOIN patient ON patient.patient_id = label_current.patient_id
                JOIN slice ON slice.patient_id = label_current.patient_id AND slice.slice_id = label_current.slice_id
                WHERE label_current.domain_name = 'fracture' AND patient.patient_key = '049'
                AND slice.instance_number = 3 AND label_current.dataset_version = '1.3.1'
                """)[0].get("label_id", as: Int64.self)
            let chosen = ["--label", String(label)]
            #expect(many.output.contains("\(label) of "))
            let unclear = try await program.run(own + chosen + ["--value", "perhaps"] + Self.person)
            #expect(unclear.exitCode == 64 && unclear.error.contains("make no value"), "\(unclear.error)")
            #expect(try await place.count("SELECT count(*) FROM label") == labels)

            let corrected = try await program.run(own + chosen + ["--value", "1"] + Self.person)
            #expect(corrected.exitCode == 0, "\(corrected.error)")
            #expect(try await Self.current(place, domain: "fracture") == ["corrections=1"])
            let again = try await program.run(own + ["--source", "corrections", "--value", "0"] + Self.person)
            #expect(again.exitCode == 0, "\(again.error)")
            #expect(try await Self.current(place, domain: "fracture") == ["corrections=0"])
            let withdrawn = try await program.run(own + ["--source", "corrections", "--withdraw"] + Self.person)
            #expect(withdrawn.exitCode == 0, "\(withdrawn.error)")
            #expect(try await Self.current(place, domain: "fracture") == [])

            #expect(try await place.count("SELECT count(*) FROM label") == labels + 2)
            #expect(
                try await place.count("SELECT count(*) FROM label_correction WHERE author = 'A. Reader'") == 3)
            #expect(try await place.brokenPromises() == [])
            #expect(try await program.run("ingest", "--database", place.url, cohort.path).exitCode == 0)
            #expect(try await Self.current(place, domain: "fracture") == [])
        }
    }

    @Test(arguments: TestEngine.available)
    func `what changes nothing is refused, and a withdrawn label gets a value again`(
        engine: WarehouseEngine
    ) async throws {
        let cohort = try await Cohorts.smallICH()
        let home = try TemporaryFolder()
        let program = try Program(home: home)
        try await TestWarehouse.with(engine) { place in
            #expect(try await program.run("ingest", "--database", place.url, cohort.path).exitCode == 0)
            func correct(_ what: String..., exitCode: Int32 = 0) async throws -> String {
                let run = try await program.run(
                    ["domains", "correct", "fracture", "--database", place.url, "--patient", "049", "--slice", "3"]
                        + ["--dataset", "physionet-ct-ich@1.3.1", "--source", what[0]] + what.dropFirst() + Self.person)
                #expect(run.exitCode == exitCode, "\(run.error)")
                return run.error
            }
            let corrections: SQL = "SELECT count(*) FROM label_correction"
            let before = try await Self.current(place, domain: "fracture")
            #expect(before == ["hemorrhage_diagnosis=0"])
            // "no" is what "0" means.
            for value in ["0", "no"] {
                let error = try await correct("hemorrhage_diagnosis", "--value", value, exitCode: 64)
                #expect(error.contains("nothing to change"), "\(error)")
            }
            #expect(try await place.count(corrections) == 0)
            _ = try await correct("hemorrhage_diagnosis", "--withdraw")
            let twice = try await correct("hemorrhage_diagnosis", "--withdraw", exitCode: 64)
            #expect(twice.contains("the label is withdrawn"), "\(twice)")
            #expect(try await place.count(corrections) == 1)
            // The same value as before it was withdrawn is a change.
            _ = try await correct("hemorrhage_diagnosis", "--value", "0")
            #expect(try await Self.current(place, domain: "fracture") == ["corrections=0"])
            // The source of the first label finds the correction that stands in its place.
            let same = try await correct("hemorrhage_diagnosis", "--value", "0", exitCode: 64)
            #expect(same.contains("it says what corrections says") && same.contains("nothing to change"), "\(same)")
            _ = try await correct("corrections", "--withdraw")
            #expect(try await Self.current(place, domain: "fracture") == [])
            let gone = try await correct("hemorrhage_diagnosis", "--withdraw", exitCode: 64)
            #expect(gone.contains("the label is withdrawn"), "\(gone)")
            _ = try await correct("corrections", "--value", "1")
            #expect(try await Self.current(place, domain: "fracture") == ["corrections=1"])
            let reasons = try await place.rows("SELECT reason FROM label_correction").map {
                try $0.get("reason", as: String.self)
            }
            #expect(reasons.count { $0.contains("(withdrawn before by A. Reader: seen on") } == 2, "\(reasons)")
            #expect(try await place.brokenPromises() == [])
            #expect(try await program.run("ingest", "--database", place.url, cohort.path).exitCode == 0)
            #expect(try await Self.current(place, domain: "fracture") == ["corrections=1"])
            _ = try await correct("hemorrhage_diagnosis", "--value", "0")
            #expect(try await Self.current(place, domain: "fracture") == ["corrections=0"])
            _ = try await correct("hemorrhage_diagnosis", "--withdraw")
            #expect(try await Self.current(place, domain: "fracture") == [])
        }
    }

    @Test func `a correction says whose label, what counts, who and why`() async throws {
        let home = try TemporaryFolder()
        let program = try Program(home: home)
        for (arguments, sentence) in [
            (["--value", "1"], "whose label"), (["--patient", "049"], "what counts"),
            (["--patient", "049", "--value", "1", "--withdraw"], "what counts"),
        ] {
            let run = try await program.run(["domains", "correct", "fracture"] + arguments + Self.person)
            #expect(run.exitCode == 64 && run.error.contains(sentence), "\(run.error)")
        }
        let blank = try await program.run(
            "domains", "correct", "fracture", "--patient", "049", "--value", "1", "--author", "A", "--reason", " ")
        #expect(blank.exitCode == 64 && blank.error.contains("--reason is blank"), "\(blank.error)")
    }

    /// An age below 0 is out of its range, and refused as a value, not as a mistake of the command.
    @Test func `a value below zero is a value`() async throws {
        let cohort = try await Cohorts.smallICH()
        let home = try TemporaryFolder()
        let program = try Program(home: home)
        try await TestWarehouse.with(.sqlite) { place in
            #expect(try await program.run("ingest", "--database", place.url, cohort.path).exitCode == 0)
            let run = try await program.run(
                ["domains", "correct", "age", "--database", place.url, "--patient", "049", "--value", "-5"]
                    + ["--dataset", "physionet-ct-ich@1.3.1"] + Self.person)
            #expect(run.exitCode == 64 && run.error.contains("make no value"), "\(run.error)")
        }
    }

    /// Another version of the table is another source; what a person said of a label holds for both.
    @Test(arguments: TestEngine.available)
    func `corrections outlive a new version of the table, and the version before`(engine: WarehouseEngine) async throws
    {
        let home = try TemporaryFolder()
        try home.copy(try await Cohorts.smallICH().path("ich"), to: "ich")
        let program = try Program(home: home)
        let name = try #require(home.files(below: "ich").first { $0.hasSuffix("hemorrhage_diagnosis_raw_ct.csv") })
        let first = String(decoding: try home.read(name), as: UTF8.self)
        try await TestWarehouse.with(engine) { place in
            func ingest(_ table: String) async throws {
                try home.write(table, to: name)
                let run = try await program.run("ingest", "--database", place.url, home.path("ich"))
                #expect(run.exitCode == 0, "\(run.error)")
            }
            func correct(_ domain: String, _ what: [String]) async throws {
                let run = try await program.run(
                    ["domains", "correct", domain, "--database", place.url, "--patient", "049", "--slice", "3"]
                        + ["--dataset", "physionet-ct-ich@1.3.1"] + what + Self.person)
                #expect(run.exitCode == 0, "\(run.error)")
            }
            try await ingest(first)
            try await correct("fracture", ["--value", "1"])
            try await correct("subdural", ["--withdraw"])
            for table in [first + "\n", first] {
                try await ingest(table)
                #expect(try await Self.current(place, domain: "fracture") == ["corrections=1"])
                #expect(try await Self.current(place, domain: "subdural") == [])
            }
            let check: SQL = "SELECT count(*) FROM quality_finding WHERE check_name = 'corrected_label_changed'"
            #expect(try await place.count(check) == 0)
            // The table now says of the fracture what the person said.
            let row = try #require(first.split(whereSeparator: \.isNewline).first { $0.hasPrefix("49,3,") })
            try await ingest(first.replacing(row, with: row.dropLast() + (row.last == "1" ? "0" : "1")))
            #expect(try await Self.current(place, domain: "fracture") == ["corrections=1"])
            #expect(try await place.count(check) == 1)
            #expect(try await place.brokenPromises() == [])
        }
    }
}
