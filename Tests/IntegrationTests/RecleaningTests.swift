import Foundation
import Ingestion
import SQLInterface
import TestSupport
import Testing
import Warehouse

/// Promise 5 of the design: raw is kept, clean is derived; re-cleaning is previewable and reverts.
@Suite("Cleaning again")
struct RecleaningTests {
    /// A home whose vocabularies a test may change, with the program that uses it.
    private struct Home {
        let folder: TemporaryFolder
        let program: Program
        static let vocabulary = "etl/vocabularies/ct-ich.yaml"

        init() throws {
            folder = try TemporaryFolder()
            let library = try SQLLibrary.locate()
            for name in ["sql", "migrations", "etl"] { try folder.copy(library.home + "/" + name, to: name) }
            program = try Program(home: folder).with("SLICEHOUSE_HOME", folder.path)
        }

        func vocabulary() throws -> String { String(decoding: try folder.read(Self.vocabulary), as: UTF8.self) }

        func setVocabulary(_ text: String) throws { try folder.write(text, to: Self.vocabulary) }
    }

    @Test(arguments: TestEngine.available)
    func `a changed rule is previewed, applied beside the old values, and taken back`(
        engine: WarehouseEngine
    ) async throws {
        let cohort = try await Cohorts.smallICH()
        let home = try Home()
        try await TestWarehouse.with(engine) { place in
            #expect(try await home.program.run("ingest", "--database", place.url, cohort.path).exitCode == 0)
            let clean = ["domains", "clean", "--database", place.url]
            let before = try await WarehouseContents(of: place)
            #expect(try await Self.conditions(place) == ["extradural", "intracranial"])

            // "Intracranial HGE" of patient 049 is no longer understood.
            let original = try home.vocabulary()
            let changed = original.replacing("aliases: [Intracranial HGE, ICH]", with: "aliases: [ICH]")
            #expect(changed != original)
            try home.setVocabulary(changed)
            let preview = try await home.program.run(clean + ["--preview"])
            #expect(preview.exitCode == 0, "\(preview.error)")
            #expect(preview.output.contains("condition_on_file: 1 labels change"), "\(preview.output)")
            let unchanged = try await WarehouseContents(of: place).differences(from: before)
            #expect(unchanged == [])

            let applied = try await home.program.run(clean)
            #expect(applied.exitCode == 0, "\(applied.error)")
            #expect(applied.output == preview.output.replacing(" change, ", with: " changed, "), "\(applied.output)")
            #expect(try await Self.conditions(place) != ["extradural", "intracranial"])
            let after = try await WarehouseContents(of: place)
            #expect(after.tables["label"] == before.tables["label"])
            #expect(after.counts["label_ruleset"] == (before.counts["label_ruleset"] ?? 0) + 1)
            let kept = Set(after.tables["label_value"]?.rows ?? [])
            #expect(kept.isSuperset(of: before.tables["label_value"]?.rows ?? []))
            let broken = try await place.brokenPromises()
            #expect(broken == [])

            // Its values are stored, and the answer changes all the same.
            try home.setVocabulary(original)
            let back = try await home.program.run(clean + ["--preview"])
            #expect(back.output.contains("condition_on_file: 1 labels change,"), "\(back.output)")
            let returned = try await home.program.run(clean)
            #expect(returned.exitCode == 0, "\(returned.error)")
            #expect(returned.output == back.output.replacing(" change, ", with: " changed, "), "\(returned.output)")
            #expect(try await Self.conditions(place) == ["extradural", "intracranial"])
            let reverted = try await WarehouseContents(of: place)
            #expect(reverted.tables["label_domain"] == before.tables["label_domain"])
            #expect(reverted.counts["label_value"] == after.counts["label_value"])
            let nothing = try await home.program.run(clean)
            #expect(nothing.output.contains("nothing changes"), "\(nothing.output)")
        }
    }

    /// Patient 058 is "Normal CT" on file, and has a haemorrhage in the table.
    @Test(arguments: TestEngine.available)
    func `what the rules say anew is compared anew`(engine: WarehouseEngine) async throws {
        let cohort = try await Cohorts.smallICH()
        let home = try Home()
        try await TestWarehouse.with(engine) { place in
            #expect(try await home.program.run("ingest", "--database", place.url, cohort.path).exitCode == 0)
            let contradictions: SQL = "SELECT count(*) FROM quality_finding WHERE check_name = 'label_contradiction'"
            let before = try await place.count(contradictions) ?? 0
            let original = try home.vocabulary()
            let changed = original.replacing("aliases: [Normal CT]", with: "aliases: [Healthy CT]")
            #expect(changed != original && before > 0)
            for (vocabulary, count) in [(changed, before - 1), (original, before)] {
                try home.setVocabulary(vocabulary)
                #expect(try await home.program.run("domains", "clean", "--database", place.url).exitCode == 0)
                #expect(try await place.count(contradictions) == count)
            }
        }
    }

    @Test func `an ingest after a changed rule goes on with the warehouse's rules and says so`() async throws {
        let cohort = try await Cohorts.smallICH()
        let home = try Home()
        let folder = try TemporaryFolder()
        try folder.copy(cohort.path("ich/ct-ich-1.0.0"), to: "jpeg")
        try await TestWarehouse.with(.sqlite) { place in
            try await home.program.run("ingest", "--database", place.url, folder.path)
            try home.setVocabulary(
                try home.vocabulary().replacing("aliases: [Intracranial HGE, ICH]", with: "aliases: [ICH]"))
            try folder.copy(cohort.path("ich/ct-ich-1.3.1"), to: "nifti")
            let second = try await home.program.run("ingest", "--database", place.url, folder.path)
            #expect(second.exitCode == 0, "\(second.error)")
            #expect(second.error.contains("condition_on_file") && second.error.contains("domains clean --preview"))
            #expect(try await Self.conditions(place) == ["extradural", "intracranial"])
        }
    }

    @Test func `a vocabulary with a mistake is refused by line, before anything is changed`() async throws {
        let cohort = try await Cohorts.smallICH()
        let home = try Home()
        try await TestWarehouse.with(.sqlite) { place in
            try await home.program.run("ingest", "--database", place.url, cohort.path)
            let before = try await WarehouseContents(of: place)
            let original = try home.vocabulary()
            try home.setVocabulary(original.replacing("rules: [trim, case_fold, alias]", with: "rules: [trm]"))
            let result = try await home.program.run("domains", "clean", "--database", place.url)
            #expect(result.exitCode == 64, "\(result.error)")
            #expect(result.errorLines.count == 1 && result.error.contains("ct-ich.yaml"), "\(result.error)")
            let differences = try await WarehouseContents(of: place).differences(from: before)
            #expect(differences == [])
        }
    }

    /// What the rules make of the condition on file of patient 049, "Intracranial HGE+ Extradural HGE ".
    private static func conditions(_ place: TestWarehouse) async throws -> [String] {
        try await place.rows(
            """
            SELECT DISTINCT term_name FROM label_current JOIN patient ON patient.patient_id = label_current.patient_id
            WHERE domain_name = 'condition_on_file' AND patient.patient_key = '049' AND term_name IS NOT NULL
            ORDER BY term_name
            """
        ).map { try $0.get("term_name") }
    }
}
