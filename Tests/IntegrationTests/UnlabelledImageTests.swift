import Foundation
import Ingestion
import Phantom
import SQLInterface
import TestSupport
import Testing
import Warehouse

/// Images of published data sets of which no table says anything.
@Suite("Images without labels") struct UnlabelledImageTests {
    private static func sentences(_ check: String, _ place: TestWarehouse) async throws -> [String] {
        try await place.rows("SELECT sentence FROM quality_finding WHERE check_name = \(check) ORDER BY sentence").map {
            try $0.get("sentence")
        }
    }

    @Test(arguments: TestEngine.available)
    func `a table that is not there, or has a header alone, is told until it comes`(
        engine: WarehouseEngine
    ) async throws {
        let home = try TemporaryFolder()
        let folder = try TemporaryFolder()
        try folder.copy(try await Cohorts.smallICH().path("ich/ct-ich-1.0.0"), to: "ich")
        let path = "ich/hemorrhage_diagnosis.csv"
        let table = String(decoding: try folder.read(path), as: UTF8.self)
        try folder.remove(path)
        try await TestWarehouse.with(engine) { place in
            let ingest = try TestIngest(into: place, home: home)
            try await ingest.run(folder.path)
            let told = try await Self.sentences("images_without_table", place)
            #expect(told.count == 1, "\(told)")
            #expect(told.first?.contains("physionet-ct-ich@1.0.0") == true, "\(told)")
            #expect(told.first?.contains("its table hemorrhage_diagnosis:") == true, "\(told)")
            let header = table.prefix { !$0.isNewline }
            try folder.write(String(header) + "\r\n", to: path)
            try await ingest.run(folder.path)
            let empty = try await Self.sentences("images_without_table", place)
            #expect(empty == told)
            try folder.write(table, to: path)
            try await ingest.run(folder.path)
            let whole = try await Self.sentences("images_without_table", place)
            #expect(whole == [])
            #expect(try await place.brokenPromises() == [])
        }
    }

    /// A table of grades of a declared source; `rest` is indented as its lines are.
    private static func table(_ name: String, rest: String = "") -> String {
        """
          - file: \(name).csv
            name: \(name)
            vocabulary: diabetic-retinopathy
            reader: {key: \(name), kind: human}
            level: slice
            key: {column: image, pattern: '^(\\d+)_(left|right)$'}
            patient: $1
            study: fundus
            series: $2
            slice: "1"
        \(rest)
        """
    }

    private static let images = """
        source: my-eyes
        version: "1"
        detect:
          - {folder: photos, names: '^\\d+_(left|right)$'}
        images:
          - files: photos/*.jpeg
            names: '^(\\d+)_(left|right)$'
            patient: $1
            study: fundus
            series: $2
        labels:

        """

    @Test(arguments: TestEngine.available)
    func `one table of several is missed, unless another stands in its place`(engine: WarehouseEngine) async throws {
        let folder = try TemporaryFolder()
        let source =
            Self.images
            + [Self.table("first"), Self.table("second"), Self.table("old", rest: "    instead_of: first")].joined(
                separator: "\n")
        let program = try DeclaredHome(in: folder, sources: ["my-eyes": source]).program
        var options = RetinopathyOptions()
        options.width = 96
        _ = try RetinopathyPhantom(options).write(to: folder.path("eyes"))
        try folder.move("eyes/train", to: "mine/photos")
        try folder.move("eyes/trainLabels.csv", to: "mine/old.csv")
        try await TestWarehouse.with(engine) { place in
            func missed() async throws -> [String] {
                let run = try await program.run("ingest", "--database", place.url, folder.path("mine"))
                #expect(run.exitCode == 0, "\(run.error)")
                return try await Self.sentences("images_without_table", place)
            }
            let told = try await missed()
            #expect(told.count == 1 && told[0].contains("no labels of its table second:"), "\(told)")
            try folder.copy(folder.path("mine/old.csv"), to: "mine/second.csv")
            #expect(try await missed() == [])
        }
    }

    /// Its grades are labels of slices; a photograph is a series of one slice.
    @Test(arguments: TestEngine.available)
    func `a photograph that the table leaves out is counted`(engine: WarehouseEngine) async throws {
        let cohort = try TemporaryFolder()
        var options = RetinopathyOptions()
        options.width = 96
        _ = try RetinopathyPhantom(options).write(to: cohort.path("eyes"))
        let table = String(decoding: try cohort.read("eyes/trainLabels.csv"), as: UTF8.self)
        let lines = table.split(whereSeparator: \.isNewline)
        let cut = lines.dropLast().joined(separator: "\n") + "\n"
        try await TestWarehouse.with(engine) { place in
            let ingest = try TestIngest(into: place, home: cohort)
            // What the whole table said of the last one counts no more when it is cut.
            for text in [table, cut, table] {
                try cohort.write(text, to: "eyes/trainLabels.csv")
                try await ingest.run(cohort.path("eyes"))
                let series = try await place.count("SELECT count(*) FROM series") ?? 0
                let told = try await Self.sentences("label_rows_match_slices", place)
                let expected = text == cut ? ["Of the \(series) series of images 1 has no labels"] : []
                #expect(told.map { String($0.prefix(expected.first?.count ?? 0)) } == expected, "\(told)")
            }
        }
    }

    /// Nobody can label the pictures of a test set, so that nothing is to be mended.
    @Test(arguments: TestEngine.available)
    func `pictures of a test set are told for information`(engine: WarehouseEngine) async throws {
        let cohort = try TemporaryFolder()
        var options = RetinopathyOptions()
        options.width = 96
        _ = try RetinopathyPhantom(options).write(to: cohort.path("eyes"))
        try cohort.copy(cohort.path("eyes/train/10_left.jpeg"), to: "eyes/test/5_left.jpeg")
        try await TestWarehouse.with(engine) { place in
            try await TestIngest(into: place, home: cohort).run(cohort.path("eyes"))
            let told = try await place.rows(
                "SELECT severity, sentence FROM quality_finding WHERE check_name = 'label_rows_match_slices'")
            #expect(try told.map { try $0.get("severity", as: String.self) } == ["info"])
            #expect(try told.allSatisfy { try $0.get("sentence", as: String.self).contains("a test set") })
        }
    }

    @Test(arguments: TestEngine.available)
    func `rows of slices that are not there are told until the table is corrected`(
        engine: WarehouseEngine
    ) async throws {
        let home = try TemporaryFolder()
        let folder = try TemporaryFolder()
        try folder.copy(try await Cohorts.smallICH().path("ich/ct-ich-1.0.0"), to: "ich")
        let path = "ich/hemorrhage_diagnosis.csv"
        let table = String(decoding: try folder.read(path), as: UTF8.self)
        try await TestWarehouse.with(engine) { place in
            let ingest = try TestIngest(into: place, home: home)
            for (row, count) in [("49,99,0,0,0,0,0,1,0\r\n", 1), ("", 0)] {
                try folder.write(table + row, to: path)
                try await ingest.run(folder.path)
                let told = try await Self.sentences("label_rows_match_slices", place)
                let waiting = told.count { $0.hasPrefix("Labels of 1 slice numbers of this patient wait") }
                #expect(waiting == count, "\(told)")
            }
        }
    }

    /// 64 KiB do not hold a hash of the labels, which PostgreSQL would take of few.
    @Test(arguments: TestEngine.available)
    func `slices are looked up in the tables of their data set by the index of the subject`(
        engine: WarehouseEngine
    ) async throws {
        var catalogue = SyntheticCatalogue()
        catalogue.patients = 0..<1_000
        catalogue.slicesPerPatient = 4
        try await TestWarehouse.with(engine) { place in
            try await catalogue.write(to: place)
            let plan = try await place.open { warehouse in
                let check = try warehouse.sqlLibrary.query(named: "label_rows_match_slices", engine: engine)
                return try await warehouse.withConnection { connection in
                    try await connection.transaction(.snapshot) {
                        if engine == .postgresql { try await connection.execute("SET LOCAL work_mem TO '64kB'") }
                        let explain: SQL = engine == .postgresql ? "EXPLAIN" : "EXPLAIN QUERY PLAN"
                        return try await connection.rows("\(sql: explain) \(sql: try check.sql())")
                    }
                }
            }
            let column = engine == .postgresql ? "QUERY PLAN" : "detail"
            let steps = try plan.map { try $0.get(column, as: String.self) }
            let search = engine == .postgresql ? "subject_id = slice" : "label_source_id=? AND subject_id=?"
            #expect(steps.contains { $0.contains(search) }, "\(steps)")
            #expect(steps.contains { $0.contains(" labelling") }, "\(steps)")
        }
    }

    @Test(arguments: TestEngine.available)
    func `a patient whom the table leaves out is counted`(engine: WarehouseEngine) async throws {
        let home = try TemporaryFolder()
        let folder = try TemporaryFolder()
        try folder.copy(try await Cohorts.smallICH().path("ich/ct-ich-1.0.0"), to: "ich")
        try folder.write(try Self.demographics(in: folder).cut, to: Self.people)
        try await TestWarehouse.with(engine) { place in
            try await TestIngest(into: place, home: home).run(folder.path)
            let patients = try await place.count("SELECT count(*) FROM patient") ?? 0
            let told = try await Self.sentences("image_without_label", place)
            #expect(
                told.count == 1 && told[0].hasPrefix("Of the \(patients) patients of physionet-ct-ich@1.0.0 only "),
                "\(told)")
        }
    }

    /// `ich` with the table of people as it is published, and without its last row.
    private static func demographics(in folder: TemporaryFolder) throws -> (whole: String, cut: String) {
        let whole = String(decoding: try folder.read(people), as: UTF8.self)
        let lines = whole.split(whereSeparator: \.isNewline)
        return (whole, lines.dropLast().joined(separator: "\n") + "\n")
    }

    private static let people = "ich/patient_demographics.csv"

    @Test(arguments: TestEngine.available)
    func `a table that is changed back is known, and ends what was told of the other version`(
        engine: WarehouseEngine
    ) async throws {
        let home = try TemporaryFolder()
        let folder = try TemporaryFolder()
        try folder.copy(try await Cohorts.smallICH().path("ich/ct-ich-1.0.0"), to: "ich")
        let (whole, cut) = try Self.demographics(in: folder)
        try await TestWarehouse.with(engine) { place in
            let ingest = try TestIngest(into: place, home: home)
            for (table, count) in [(whole, 0), (cut, 1), (whole, 0)] {
                try folder.write(table, to: Self.people)
                try await ingest.run(folder.path)
                #expect(try await Self.sentences("image_without_label", place).count == count)
            }
            #expect(try await place.count("SELECT count(*) FROM label_source WHERE name = 'patient_demographics'") == 2)
        }
    }

    @Test(arguments: TestEngine.available)
    func `who is without labels is told when a table is retired, and no longer when it counts again`(
        engine: WarehouseEngine
    ) async throws {
        let folder = try TemporaryFolder()
        try folder.copy(try await Cohorts.smallICH().path("ich/ct-ich-1.0.0"), to: "ich")
        let (whole, cut) = try Self.demographics(in: folder)
        try folder.copy(folder.path("ich"), to: "again/ich")
        try folder.write(cut, to: Self.people)
        try folder.write(whole, to: "again/" + Self.people)
        let program = try Program(home: folder)
        try await TestWarehouse.with(engine) { place in
            for name in ["ich", "again"] {
                let run = try await program.run("ingest", "--database", place.url, folder.path(name))
                #expect(run.exitCode == 0, "\(run.error)")
            }
            #expect(try await Self.sentences("image_without_label", place) == [])
            let source = try await place.count(
                """
                SELECT label.label_source_id FROM label
                JOIN label_source ON label_source.label_source_id = label.label_source_id
                WHERE label_source.name = 'patient_demographics'
                GROUP BY label.label_source_id ORDER BY count(*) DESC LIMIT 1
                """)
            let retire = ["domains", "retire", "\(source ?? 0)", "--database", place.url]
            for (option, count) in [([], 1), (["--restore"], 0)] as [([String], Int)] {
                let run = try await program.run(
                    retire + option + ["--author", "A. Reader", "--reason", "read again by two people"])
                #expect(run.exitCode == 0, "\(run.error)")
                #expect(try await Self.sentences("image_without_label", place).count == count)
            }
        }
    }
}
