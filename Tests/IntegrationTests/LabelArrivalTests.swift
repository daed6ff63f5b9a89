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
        try await Self.with(engine) { place, ingest, folder, table in
            let before = try await Self.positives(place)
            let good = String(decoding: try folder.read(table), as: UTF8.self)
            try folder.write(Self.corrected(good), to: table)
            #expect(try await ingest.run(folder.path).labelSource == 1)
            #expect(try await Self.positives(place) == before + 1)
            #expect(
                try await place.count(
                    "SELECT count(*) FROM label_source WHERE name = 'hemorrhage_diagnosis'") == 3)
            #expect(try await place.brokenPromises() == [])
        }
    }

    /// Masks alone are no layout: they are stored as images of nobody.
    @Test(arguments: TestEngine.available)
    func `files that came before their layout could be recognised are read when it can`(
        engine: WarehouseEngine
    ) async throws {
        let cohort = try await Cohorts.smallICH()
        let home = try TemporaryFolder()
        let folder = try TemporaryFolder()
        try folder.copy(cohort.path("ich/ct-ich-1.3.1"), to: "ct-ich-1.3.1")
        let rest = ["ct_scans", "hemorrhage_diagnosis_raw_ct.csv", "Patient_demographics.csv"]
        let late = try await TestWarehouse.with(engine) { place in
            let ingest = try TestIngest(into: place, home: home)
            let aside = try TemporaryFolder()
            for name in rest {
                try aside.copy(folder.path("ct-ich-1.3.1/" + name), to: name)
                try folder.remove("ct-ich-1.3.1/" + name)
            }
            let first = try await ingest.run(folder.path)
            #expect(first.stored == 2 && first.masksStored == 0)
            for name in rest { try folder.copy(aside.path(name), to: "ct-ich-1.3.1/" + name) }
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

    @Test(arguments: TestEngine.available, ["ct-ich-1.3.1", "ct-ich-1.0.0"])
    func `tables of CT-ICH and its images may come in either order, and from folders of their own`(
        engine: WarehouseEngine, tree: String
    ) async throws {
        let cohort = try await Cohorts.smallICH()
        let home = try TemporaryFolder()
        let folder = try TemporaryFolder()
        for name in cohort.files(below: "ich/" + tree).filter({ $0.hasSuffix(".csv") }) {
            try folder.copy(cohort.path(name), to: "cohort/tables/" + (name.split(separator: "/").last ?? ""))
        }
        for name in ["ct_scans", "masks", "Patients_CT"] where !cohort.files(below: "ich/\(tree)/\(name)").isEmpty {
            try folder.copy(cohort.path("ich/\(tree)/\(name)"), to: "cohort/images/" + name)
        }
        /// What a warehouse holds when one half came after the other, or nothing did.
        func contents(late half: String?) async throws -> WarehouseContents {
            try await TestWarehouse.with(engine) { place in
                let ingest = try TestIngest(into: place, home: home)
                if let half {
                    try folder.move("cohort/" + half, to: half)
                    let first = try await ingest.run(folder.path("cohort"))
                    #expect(first.labelSource == (half == "tables" ? 0 : 2) && first.isBalanced, "\(first)")
                    #expect((first.labelsUnresolved > 0) == (half == "images"))
                    #expect(try await place.count("SELECT count(*) FROM label") == 0)
                    try folder.move(half, to: "cohort/" + half)
                }
                try await ingest.run(folder.path("cohort"))
                #expect(try await place.count("SELECT count(*) FROM label_unresolved") == 0)
                #expect(try await place.count("SELECT count(*) FROM label WHERE slice_id IS NOT NULL") ?? 0 > 0)
                #expect(try await place.brokenPromises() == [])
                return try await WarehouseContents(of: place)
            }
        }
        let atOnce = try await contents(late: nil)
        #expect(try await contents(late: "images").differences(from: atOnce) == [])
        #expect(try await contents(late: "tables").differences(from: atOnce) == [])
    }

    @Test(arguments: TestEngine.available)
    func `a table that is changed back counts again, and the table of another folder goes on counting`(
        engine: WarehouseEngine
    ) async throws {
        try await Self.with(engine) { place, ingest, folder, table in
            let before = try await Self.positives(place)
            let good = String(decoding: try folder.read(table), as: UTF8.self)
            let header = good.prefix { $0 != "\n" && $0 != "\r\n" }
            try folder.write(Self.corrected(good), to: table)
            try await ingest.run(folder.path)
            try folder.write(good, to: table)
            try await ingest.run(folder.path)
            #expect(try await Self.positives(place) == before)
            // Another copy of the data set, with a table of its own about other people.
            try folder.copy(folder.path("ich/ct-ich-1.0.0/Patients_CT/049"), to: "more/Patients_CT/011")
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
        let paths = [
            "ich/ct-ich-1.3.1/masks/058.nii", "ich/ct-ich-1.3.1/ct_scans/049.nii",
            "ich/ct-ich-1.0.0/Patients_CT/058/brain",
        ]
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
                    == ["label_without_image", "missing_companion_slice", "missing_mask", "missing_volume"])
            for path in paths { try folder.copy(aside.path(path), to: path) }
            try await ingest.run(folder.path)
            #expect(try await place.rows(findings).isEmpty)
        }
    }

    /// A warehouse of CT-ICH, the folder that it was read from, and where in it the table of slices of 1.0.0 lies.
    private static func with(
        _ engine: WarehouseEngine,
        _ body: (TestWarehouse, TestIngest, _ folder: TemporaryFolder, _ table: String) async throws -> Void
    ) async throws {
        let home = try TemporaryFolder()
        let folder = try TemporaryFolder()
        try folder.copy(try await Cohorts.smallICH().path("ich"), to: "ich")
        let table = folder.files().first { $0.hasSuffix("1.0.0/hemorrhage_diagnosis.csv") } ?? ""
        try await TestWarehouse.with(engine) { place in
            let ingest = try TestIngest(into: place, home: home)
            try await ingest.run(folder.path)
            try await body(place, ingest, folder, table)
        }
    }

    /// The table with one answer more that says present.
    private static func corrected(_ table: String) -> String {
        // Slice 1 of patient 49 shows nothing in the cohort.
        #expect(table.contains("49,1,0,0,0,0,0,1,0"))
        return table.replacing("49,1,0,0,0,0,0,1,0", with: "49,1,0,0,0,0,1,0,0")
    }

    private static func positives(_ place: TestWarehouse) async throws -> Int {
        try await place.count(
            "SELECT count(*) FROM label_current WHERE domain_name = 'subdural' AND level = 'slice' AND term_name = 'present'"
        ) ?? -1
    }
}
