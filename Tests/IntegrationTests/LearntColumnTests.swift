import CanonicalJSON
import Foundation
import SQLInterface
import TestSupport
import Testing
import Warehouse

/// A column of a table that is stored is brought in when a domain takes it later.
@Suite("Columns that a vocabulary learns") struct LearntColumnTests {
    private static let domain = """

          - name: shift
            levels: [slice]
            values: text
            description: How far the midline is shifted, in words
            rules: [trim, text]
            columns: [shift]

        """

    private static func count(_ key: String, _ run: Program.Result) throws -> Double? {
        #expect(run.exitCode == 0, "\(run.error)")
        return try JSONValue(parsing: run.output)[key]?.number
    }

    private static func sentences(_ check: String, _ warehouse: TestWarehouse) async throws -> [String] {
        try await warehouse.rows("SELECT sentence FROM quality_finding WHERE check_name = \(check)").map {
            try $0.get("sentence")
        }
    }

    @Test(arguments: TestEngine.available)
    func `a stored table gives the labels of a new domain when it is read again, each once`(
        engine: WarehouseEngine
    ) async throws {
        let folder = try TemporaryFolder()
        let program = try DeclaredHome(in: folder, sources: ["ward": DeclaredHome.ward]).program
        let series = TinySeries()
        try series.write(0..<2, to: folder)
        let rows = ["0,none", "1,much", "0,little"].enumerated().map { "\(series.uid).9.\($0.offset),\($0.element)\n" }
        try folder.write("image,epidural,shift\n" + rows.joined(), to: "labels/ward.csv")
        try await TestWarehouse.with(engine) { warehouse in
            func ingest(_ name: String, _ options: String...) async throws -> Program.Result {
                try await program.run(["ingest", "--database", warehouse.url, "--json", folder.path(name)] + options)
            }
            _ = try await ingest("series")
            let first = try await ingest("labels")
            #expect(try Self.count("labels_stored", first) == 2)
            let unused = try await Self.sentences("table_column_unused", warehouse)
            #expect(unused.count == 1 && unused[0].contains("takes the column shift of the table"), "\(unused)")

            let vocabulary = "home/etl/vocabularies/ct-ich.yaml"
            let original = String(decoding: try folder.read(vocabulary), as: UTF8.self)
            try folder.write(original + Self.domain, to: vocabulary)
            let unchanged = try await ingest("labels")
            #expect(try Self.count("known", unchanged) == 1)
            let again = try await ingest("labels", "--rehash")
            #expect(try Self.count("labels_stored", again) == 2)
            #expect(try Self.count("labels_unresolved", again) == 1)
            #expect(try await Self.sentences("table_column_unused", warehouse) == [])
            let third = try await ingest("labels", "--rehash")
            #expect(try Self.count("labels_stored", third) == 0)
            #expect(try Self.count("known", third) == 1)

            try series.write(2..<3, to: folder)
            _ = try await ingest("series")
            let stored = try await warehouse.rows(
                """
                SELECT label_domain.name, count(*) AS label_count FROM label
                JOIN label_domain ON label_domain.label_domain_id = label.label_domain_id
                WHERE label.level = 'slice' GROUP BY label_domain.name ORDER BY label_domain.name
                """)
            #expect(try stored.map { try $0.get("name", as: String.self) } == ["epidural", "shift"])
            #expect(try stored.map { try $0.get("label_count", as: Int.self) } == [3, 3])
            #expect(try await warehouse.count("SELECT count(*) FROM label_unresolved") == 0)
            #expect(try await warehouse.brokenPromises() == [])
        }
    }

    /// Two columns of one kind, of which the vocabulary knows the first.
    @Test(arguments: TestEngine.available)
    func `a column that is given to a domain with labels of another column is told to need its own`(
        engine: WarehouseEngine
    ) async throws {
        let folder = try TemporaryFolder()
        let program = try DeclaredHome(in: folder, sources: ["ward": DeclaredHome.ward]).program
        let series = TinySeries()
        try series.write(0..<2, to: folder)
        let rows = (0..<2).map { "\(series.uid).9.\($0),0,4\($0),5\($0)\n" }
        try folder.write("image,epidural,Stage,Stage new\n" + rows.joined(), to: "labels/ward.csv")
        let vocabulary = "home/etl/vocabularies/ct-ich.yaml"
        let original = String(decoding: try folder.read(vocabulary), as: UTF8.self)
        func teach(_ domains: String...) throws {
            try folder.write(original + domains.joined(), to: vocabulary)
        }
        func domain(_ name: String, _ columns: String) -> String {
            Self.domain.replacing("name: shift", with: "name: \(name)").replacing("[shift]", with: "[\(columns)]")
        }
        try await TestWarehouse.with(engine) { warehouse in
            func ingest(_ name: String, _ options: String...) async throws -> Program.Result {
                try await program.run(["ingest", "--database", warehouse.url, "--json", folder.path(name)] + options)
            }
            func unused() async throws -> [String] { try await Self.sentences("table_column_unused", warehouse) }
            _ = try await ingest("series")
            try teach(domain("stage", "Stage"))
            let stored = try await ingest("labels")
            #expect(try Self.count("labels_stored", stored) == 4)
            let first = try await unused()
            #expect(first.count == 1 && first[0].contains("takes the column Stage new of the table"), "\(first)")
            #expect(first.allSatisfy { $0.contains("that no other column of the table feeds") }, "\(first)")

            try teach(domain("stage", "Stage, Stage new"))
            for found in [1.0, 0] {
                let again = try await ingest("labels", "--rehash")
                #expect(try Self.count("known", again) == 1)
                #expect(try Self.count("findings", again) == found)
                let late = try await unused()
                #expect(late.count == 1 && late[0].hasPrefix("Nothing of the column Stage new of"), "\(late)")
                #expect(late.allSatisfy { $0.contains("another column are stored in stage already") }, "\(late)")
            }

            try teach(domain("stage", "Stage"), domain("stage_new", "Stage new"))
            let own = try await ingest("labels", "--rehash")
            #expect(try Self.count("labels_stored", own) == 2)
            #expect(try await unused() == [])
            let least = try await warehouse.rows(
                """
                SELECT label_domain.name, min(label.raw_value) AS least FROM label
                JOIN label_domain ON label_domain.label_domain_id = label.label_domain_id
                WHERE label_domain.name LIKE 'stage%' GROUP BY label_domain.name ORDER BY label_domain.name
                """)
            #expect(try least.map { try $0.get("least", as: String.self) } == ["40", "50"])
            #expect(try await warehouse.brokenPromises() == [])
        }
    }

    @Test(arguments: TestEngine.available)
    func `a copy of the published table with a column of another name is told, both ways`(
        engine: WarehouseEngine
    ) async throws {
        let home = try TemporaryFolder()
        let program = try Program(home: home)
        try home.copy(try await Cohorts.smallICH().path("ich/ct-ich-1.0.0"), to: "ich")
        let table = String(decoding: try home.read("ich/hemorrhage_diagnosis.csv"), as: UTF8.self)
        try await TestWarehouse.with(engine) { warehouse in
            _ = try await program.run("ingest", "--database", warehouse.url, home.path("ich"))
            let whole = try await warehouse.count(
                "SELECT count(*) FROM quality_finding WHERE check_name LIKE 'table_column%'")
            #expect(whole == 0)
            try home.write(
                table.replacing("No_Hemorrhage", with: "No_Bleeding"), to: "ich/hemorrhage_diagnosis.csv")
            _ = try await program.run("ingest", "--database", warehouse.url, home.path("ich"))
            let missing = try await Self.sentences("table_column_missing", warehouse)
            #expect(missing.count == 1 && missing[0].contains("lacks the column No_Hemorrhage of"), "\(missing)")
            let unused = try await Self.sentences("table_column_unused", warehouse)
            #expect(unused.count == 1 && unused[0].contains("takes the column No_Bleeding of"), "\(unused)")
        }
    }
}
