import Ingestion
import SQLInterface
import TestSupport
import Testing
import Warehouse

/// Labels and images may come in any order and more than once.
@Suite("Labels over time")
struct LabelArrivalTests {
    @Test(arguments: TestEngine.available)
    func `labels that come before their images wait for them, and the end is the same`(
        engine: WarehouseEngine
    ) async throws {
        let cohort = try await Cohorts.smallICH()
        let home = try TemporaryFolder()
        let folder = try TemporaryFolder()
        try folder.copy(cohort.path("ich"), to: "cohort/ich")
        let root = folder.path("cohort")
        let images = ["cohort/ich/ct-ich-1.3.1/ct_scans/058.nii", "cohort/ich/ct-ich-1.0.0/Patients_CT/058/brain"]
        let late = try await TestWarehouse.with(engine) { place in
            let ingest = try TestIngest(into: place, home: home)
            for path in images { try folder.move(path, to: "aside/" + path) }
            let first = try await ingest.run(root)
            #expect(first.labelsUnresolved > 0)
            #expect(try await place.count("SELECT count(*) FROM label_unresolved") == first.labelsUnresolved)
            for path in images { try folder.move("aside/" + path, to: path) }
            let second = try await ingest.run(root)
            #expect(second.labelsStored == first.labelsUnresolved)
            #expect(try await place.count("SELECT count(*) FROM label_unresolved") == 0)
            #expect(try await place.brokenPromises() == [])
            return try await WarehouseContents(of: place)
        }
        let atOnce = try await TestWarehouse.with(engine) { place in
            try await TestIngest(into: place, home: home).run(root)
            return try await WarehouseContents(of: place)
        }
        for table in ["label", "label_value", "reading", "annotation", "annotation_mask", "slice", "series"] {
            #expect(late.tables[table] == atOnce.tables[table], "\(table)")
        }
    }

    @Test(arguments: TestEngine.available)
    func `a corrected table takes the place of the one it corrects, and both are kept`(
        engine: WarehouseEngine
    ) async throws {
        let cohort = try await Cohorts.smallICH()
        let home = try TemporaryFolder()
        let folder = try TemporaryFolder()
        try folder.copy(cohort.path("ich"), to: "ich")
        let table = folder.files().first { $0.hasSuffix("1.0.0/hemorrhage_diagnosis.csv") } ?? ""
        try await TestWarehouse.with(engine) { place in
            let ingest = try TestIngest(into: place, home: home)
            try await ingest.run(folder.path)
            let before = try await Self.positives(place)
            let text = String(decoding: try folder.read(table), as: UTF8.self)
            // Slice 1 of patient 49 shows nothing in the cohort.
            #expect(text.contains("49,1,0,0,0,0,0,1,0"))
            try folder.write(text.replacing("49,1,0,0,0,0,0,1,0", with: "49,1,0,0,0,0,1,0,0"), to: table)
            #expect(try await ingest.run(folder.path).labelSource == 1)
            #expect(try await Self.positives(place) == before + 1)
            #expect(
                try await place.count(
                    "SELECT count(*) FROM label_source WHERE name = 'hemorrhage_diagnosis'") == 3)
            #expect(try await place.brokenPromises() == [])
        }
    }

    /// Tables and masks alone are no layout: they were left aside, or stored as images of nobody.
    @Test(arguments: TestEngine.available)
    func `files that came before their layout could be recognised are read when it can`(
        engine: WarehouseEngine
    ) async throws {
        let cohort = try await Cohorts.smallICH()
        let home = try TemporaryFolder()
        let folder = try TemporaryFolder()
        let scans = "ct-ich-1.3.1/ct_scans"
        try folder.copy(cohort.path("ich/ct-ich-1.3.1"), to: "ct-ich-1.3.1")
        let late = try await TestWarehouse.with(engine) { place in
            let ingest = try TestIngest(into: place, home: home)
            let aside = try TemporaryFolder()
            try aside.copy(folder.path(scans), to: "scans")
            try folder.remove(scans)
            let first = try await ingest.run(folder.path)
            #expect(first.ignored > 0 && first.labelsStored == 0)
            try folder.copy(aside.path("scans"), to: scans)
            let second = try await ingest.run(folder.path)
            #expect(second.labelSource == 2 && second.isBalanced, "\(second)")
            #expect(try await ingest.run(folder.path).known == second.seen)
            #expect(try await place.brokenPromises() == [])
            return try await WarehouseContents(of: place)
        }
        let atOnce = try await TestWarehouse.with(engine) { place in
            try await TestIngest(into: place, home: home).run(folder.path)
            return try await WarehouseContents(of: place)
        }
        for table in ["label", "label_value", "reading", "annotation", "annotation_mask"] {
            #expect(late.tables[table] == atOnce.tables[table], "\(table)")
        }
    }

    @Test(arguments: TestEngine.available)
    func `a table that is changed back counts again, and the table of another folder goes on counting`(
        engine: WarehouseEngine
    ) async throws {
        let cohort = try await Cohorts.smallICH()
        let home = try TemporaryFolder()
        let folder = try TemporaryFolder()
        try folder.copy(cohort.path("ich"), to: "ich")
        let table = folder.files().first { $0.hasSuffix("1.0.0/hemorrhage_diagnosis.csv") } ?? ""
        try await TestWarehouse.with(engine) { place in
            let ingest = try TestIngest(into: place, home: home)
            try await ingest.run(folder.path)
            let before = try await Self.positives(place)
            let good = String(decoding: try folder.read(table), as: UTF8.self)
            let header = good.prefix { $0 != "\n" && $0 != "\r\n" }
            try folder.write(good.replacing("49,1,0,0,0,0,0,1,0", with: "49,1,0,0,0,0,1,0,0"), to: table)
            try await ingest.run(folder.path)
            try folder.write(good, to: table)
            try await ingest.run(folder.path)
            #expect(try await Self.positives(place) == before)
            // Another copy of the data set, with a table of its own about other people.
            try folder.copy(cohort.path("ich/ct-ich-1.0.0/Patients_CT/049"), to: "more/Patients_CT/011")
            try folder.write(header + "\n11,1,0,0,0,0,1,0,0\n", to: "more/hemorrhage_diagnosis.csv")
            #expect(try await ingest.run(folder.path).labelSource == 1)
            #expect(try await Self.positives(place) == before + 1)
            #expect(try await place.brokenPromises() == [])
        }
    }

    @Test(arguments: TestEngine.available)
    func `findings about what is missing go when it comes`(engine: WarehouseEngine) async throws {
        let cohort = try await Cohorts.smallICH()
        let home = try TemporaryFolder()
        let folder = try TemporaryFolder()
        try folder.copy(cohort.path("ich"), to: "ich")
        let paths = ["ich/ct-ich-1.3.1/masks/058.nii", "ich/ct-ich-1.0.0/Patients_CT/058/brain"]
        try await TestWarehouse.with(engine) { place in
            let ingest = try TestIngest(into: place, home: home)
            let aside = try TemporaryFolder()
            for path in paths {
                try aside.copy(folder.path(path), to: path)
                try folder.remove(path)
            }
            try await ingest.run(folder.path)
            let findings: SQL = """
                SELECT DISTINCT check_name FROM quality_finding WHERE check_name LIKE 'missing%'
                OR check_name = 'label_without_image' ORDER BY 1
                """
            #expect(
                try await place.rows(findings).map { try $0.get(at: 0, as: String.self) }
                    == ["label_without_image", "missing_companion_slice", "missing_mask"])
            for path in paths { try folder.copy(aside.path(path), to: path) }
            try await ingest.run(folder.path)
            #expect(try await place.rows(findings).isEmpty)
        }
    }

    private static func positives(_ place: TestWarehouse) async throws -> Int {
        try await place.count(
            "SELECT count(*) FROM label_current WHERE domain_name = 'subdural' AND level = 'slice' AND term_name = 'present'"
        ) ?? -1
    }
}
