import SQLInterface
import TestSupport
import Testing
import Warehouse

/// What a vocabulary says of a domain beside its rules, in the warehouse: unit, range, family, order of terms.
@Suite("Definitions of domains") struct DomainDefinitionTests {
    private static let source = """
        source: dicom
        version: "1"
        detect:
          - {table: body.csv, columns: [image]}
        labels:
          - file: body.csv
            name: body
            vocabulary: body
            reader: {key: R1, kind: human}
            level: slice
            key: {column: image, pattern: '^([0-9.]+)$'}
            image: $1
        """

    private static let vocabulary = """
        vocabulary: body
        version: "1"
        description: what was measured
        domains:
          - name: bmi
            family: body
            levels: [slice]
            values: number
            unit: kg_per_m2
            range: {minimum: 10, maximum: 80}
            rules: [trim, number]
            columns: [bmi]
          - name: severity
            levels: [slice]
            values: term
            terms: [{name: low, ordinal: 0}, {name: mid, ordinal: 2}, {name: high, ordinal: 1}]
            rules: [trim, case_fold, alias]
            columns: [severity]
          - name: size
            levels: [slice]
            values: number
            unit: mm
            rules: [trim, {number: {units: {mm: 1}}}]
            columns: [size]
        """

    /// A series of three slices with a table about them, and a second table that only some tests need.
    private struct Place {
        let folder: TemporaryFolder
        let program: Program
        let warehouse: TestWarehouse

        init(
            _ warehouse: TestWarehouse, sources: [String: String], vocabularies: [String: String] = [:]
        ) async throws {
            folder = try TemporaryFolder()
            program = try DeclaredHome(in: folder, sources: sources).program
            self.warehouse = warehouse
            for (name, text) in vocabularies { try setVocabulary(name, text) }
            try TinySeries().write(0..<3, to: folder)
            _ = try await run("ingest", folder.path("series"))
        }

        func run(_ words: String..., exitCode: Int32 = 0) async throws -> String {
            let result = try await program.run(words + ["--database", warehouse.url])
            #expect(result.exitCode == exitCode, "\(result.error)")
            return result.output + result.error
        }

        func setVocabulary(_ name: String, _ text: String) throws {
            try folder.write(text, to: "home/etl/vocabularies/\(name).yaml")
        }

        /// Cells of the first slices, in order, below a header.
        func writeTable(_ name: String, _ header: String, _ cells: [String]) throws {
            let rows = cells.enumerated().map { "\(TinySeries().uid).9.\($0.offset),\($0.element)\n" }
            try folder.write("image,\(header)\n" + rows.joined(), to: "\(name)/\(name).csv")
        }

        func texts(_ query: SQL) async throws -> [String] {
            try await warehouse.rows(query).map { row in
                row.values.map { value in
                    switch value {
                    case .integer(let number): "\(number)"
                    case .real(let number): "\(number)"
                    case .text(let text): text
                    default: "-"
                    }
                }.joined(separator: " ")
            }
        }
    }

    private static let domains: SQL = """
        SELECT name, family, unit, minimum, maximum FROM label_domain
        WHERE name IN ('bmi', 'severity', 'size') ORDER BY name
        """
    private static let terms: SQL = """
        SELECT name, ordinal FROM label_term WHERE name IN ('low', 'mid', 'high') ORDER BY name
        """
    private static let values: SQL = """
        SELECT domain_name, number_value FROM label_current
        WHERE number_value IS NOT NULL ORDER BY domain_name, number_value
        """

    @Test(arguments: TestEngine.available)
    func `range, order of terms, unit and family come with domains clean, and are previewed`(
        engine: WarehouseEngine
    ) async throws {
        try await TestWarehouse.with(engine) { warehouse in
            let place = try await Place(
                warehouse, sources: ["body": Self.source], vocabularies: ["body": Self.vocabulary])
            try place.writeTable("body", "bmi,severity,size", ["25,low,20 mm", "99,mid,5 mm", "30,high,10 mm"])
            _ = try await place.run("ingest", place.folder.path("body"))
            #expect(
                try await place.texts(Self.domains) == [
                    "bmi body kg_per_m2 10.0 80.0", "severity - - - -", "size - mm - -",
                ])

            try place.setVocabulary(
                "body",
                Self.vocabulary.replacing("maximum: 80", with: "maximum: 100")
                    .replacing("family: body", with: "family: size")
                    .replacing("mid, ordinal: 2", with: "mid, ordinal: 1")
                    .replacing("high, ordinal: 1", with: "high, ordinal: 2")
                    .replacing("unit: mm", with: "unit: cm").replacing("{mm: 1}", with: "{cm: 1, mm: 10}"))
            let preview = try await place.run("domains", "clean", "--preview")
            #expect(preview.contains("bmi: range 10 to 80 → 10 to 100, family body → size"), "\(preview)")
            #expect(preview.contains("bmi: 1 labels change, 2 stay as they are"), "\(preview)")
            #expect(preview.contains("severity: ordinal of high 1 → 2, ordinal of mid 2 → 1"), "\(preview)")
            #expect(preview.contains("size: unit mm → cm"), "\(preview)")
            #expect(preview.contains("size: 3 labels change, 0 stay as they are"), "\(preview)")
            #expect(try await place.texts(Self.terms) == ["high 1", "low 0", "mid 2"])

            let cleaned = try await place.run("domains", "clean")
            #expect(cleaned.contains("severity: ordinal of high 1 → 2"), "\(cleaned)")
            #expect(
                try await place.texts(Self.domains) == [
                    "bmi size kg_per_m2 10.0 100.0", "severity - - - -", "size - cm - -",
                ])
            #expect(try await place.texts(Self.terms) == ["high 2", "low 0", "mid 1"])
            #expect(
                try await place.texts(Self.values) == [
                    "bmi 25.0", "bmi 30.0", "bmi 99.0", "size 0.5", "size 1.0", "size 2.0",
                ])
            #expect(try await warehouse.brokenPromises() == [])
            #expect(try await place.run("domains", "clean").contains("nothing changes"))
        }
    }

    private static let months = """
        vocabulary: months
        version: "1"
        description: ages of children
        domains:
          - name: age
            levels: [slice]
            values: number
            unit: months
            range: {minimum: 0, maximum: 1500}
            rules: [trim, number]
            columns: [age]
        """

    @Test(arguments: TestEngine.available)
    func `a domain of another vocabulary is refused where it is defined in another way`(
        engine: WarehouseEngine
    ) async throws {
        try await TestWarehouse.with(engine) { warehouse in
            let source = Self.source.replacing("body", with: "months")
            let renamed = Self.months.replacing("name: age", with: "name: age_months")
            let place = try await Place(
                warehouse, sources: ["ward": DeclaredHome.ward, "months": source], vocabularies: ["months": renamed])
            try place.writeTable("ward", "epidural", ["1", "0"])
            _ = try await place.run("ingest", place.folder.path("ward"))
            try place.setVocabulary("months", Self.months)
            try place.writeTable("months", "age", ["30"])
            let refused = try await place.run("ingest", place.folder.path("months"), exitCode: 64)
            #expect(refused.contains("months.yaml") && refused.contains("ct-ich.yaml"), "\(refused)")
            #expect(refused.contains("rename it in months.yaml"), "\(refused)")
            let ages: SQL = "SELECT name, unit FROM label_domain WHERE name LIKE 'age%' ORDER BY name"
            #expect(try await place.texts(ages) == ["age years"])
            #expect(try await place.texts(Self.values) == [])
            // Nothing of it is in the warehouse, so that cleaning leaves it alone unless it is named.
            for words in [["--preview"], []] {
                let clean = try await place.program.run(["domains", "clean", "--database", warehouse.url] + words)
                #expect(clean.exitCode == 0 && clean.output.contains("nothing changes"), "\(clean.error)")
            }
            let named = try await place.run("domains", "clean", "--vocabulary", "months", exitCode: 64)
            #expect(named.contains("ct-ich.yaml"), "\(named)")

            try place.setVocabulary("months", renamed)
            _ = try await place.run("ingest", place.folder.path("months"))
            #expect(try await place.texts(ages) == ["age years", "age_months months"])
            #expect(try await place.texts(Self.values) == ["age_months 30.0"])
            #expect(try await warehouse.brokenPromises() == [])
        }
    }

    /// The night on which somebody wrote them, not that on which data come.
    @Test(arguments: TestEngine.available)
    func `sources and vocabularies that cannot be used are refused where every file is known`(
        engine: WarehouseEngine
    ) async throws {
        try await TestWarehouse.with(engine) { warehouse in
            let place = try await Place(warehouse, sources: ["ward": DeclaredHome.ward])
            try place.writeTable("ward", "epidural", ["1", "0"])
            for name in ["ward", "series"] { _ = try await place.run("ingest", place.folder.path(name)) }
            func refused(_ words: String..., because part: String) async throws {
                let run = try await place.program.run(
                    ["ingest", place.folder.path("series"), "--database", warehouse.url] + words)
                #expect(run.exitCode == 64 && run.error.contains(part), "\(run.error)")
            }
            let broken = "home/etl/sources/broken.yaml"
            try place.folder.write(DeclaredHome.ward.replacing("detect:", with: "detects:"), to: broken)
            try await refused(because: "broken.yaml")
            try await refused("--dry-run", because: "broken.yaml")
            try place.folder.write(DeclaredHome.ward.replacing("source: dicom", with: "source: other"), to: broken)
            _ = try await place.run("ingest", place.folder.path("series"))

            // No source names it.
            try place.setVocabulary("months", Self.months)
            let twice = "months.yaml: it defines the domain age otherwise than ct-ich.yaml does"
            try await refused(because: twice)
            try await refused("--dry-run", because: twice)
            let renamed = Self.months.replacing("name: age", with: "name: age_months")
            try place.setVocabulary("months", renamed)
            // Two that nothing here uses.
            let weeks = renamed.replacing("unit: months", with: "unit: weeks")
            try place.setVocabulary("weeks", weeks)
            let unused = "weeks.yaml: it defines the domain age_months otherwise than months.yaml does"
            try await refused(because: unused)
            try await refused("--dry-run", because: unused)
            try place.setVocabulary("weeks", weeks.replacing("name: age_months", with: "name: age_weeks"))

            let lost = DeclaredHome.ward.replacing("vocabulary: ct-ich", with: "vocabulary: nix")
            try place.folder.write(lost.replacing("source: dicom", with: "source: other"), to: broken)
            let missing = "broken.yaml: its table ward asks for the vocabulary nix, and there is no nix.yaml"
            try await refused(because: missing)
            try await refused("--dry-run", because: missing)
            try place.setVocabulary("nix", renamed.replacing("name: age_months", with: "name: age_days"))
            let known = try await place.run("ingest", place.folder.path("series"))
            #expect(known.contains("3 files seen = 0 stored + 3 known"), "\(known)")
            #expect(try await warehouse.count("SELECT count(*) FROM ingest_run WHERE status <> 'completed'") == 0)
            #expect(try await warehouse.brokenPromises() == [])
        }
    }

    /// Of one domain in two ways only one could ever go into a warehouse, and a table may ask for what there is.
    @Test(arguments: TestEngine.available)
    func `a home that contradicts itself is refused before the first run stores anything`(
        engine: WarehouseEngine
    ) async throws {
        let folder = try TemporaryFolder()
        let program = try DeclaredHome(in: folder, sources: [:]).program
        try TinySeries().write(0..<3, to: folder)
        let mistakes = [
            ("home/etl/vocabularies/months.yaml", Self.months, ["months.yaml", "ct-ich.yaml"]),
            ("home/etl/sources/body.yaml", Self.source, ["body.yaml: its table", "no body.yaml in etl/vocabularies"]),
        ]
        for (path, text, parts) in mistakes {
            try await TestWarehouse.with(engine) { warehouse in
                try folder.write(text, to: path)
                // The first dry run finds no warehouse, the second an empty one.
                let runs: [[String]] = engine == .sqlite ? [["--dry-run"], [], ["--dry-run"]] : [[], ["--dry-run"]]
                for words in runs {
                    let run = try await program.run(
                        ["ingest", folder.path("series"), "--database", warehouse.url] + words)
                    #expect(run.exitCode == 64, "\(run.error)")
                    for part in parts { #expect(run.error.contains(part), "\(run.error)") }
                }
                try folder.remove(path)
                let run = try await program.run(["ingest", folder.path("series"), "--database", warehouse.url])
                #expect(run.exitCode == 0, "\(run.error)")
                #expect(try await warehouse.count("SELECT count(*) FROM ingest_run") == 1)
            }
        }
    }

    /// The domain epidural as ct-ich.yaml has it, for another level and column.
    private static let twin = """
        vocabulary: twin
        version: "1"
        description: a second table
        domains:
          - name: epidural
            levels: [slice]
            values: term
            terms:
              - {name: absent, ordinal: 0, aliases: ["0", "no"]}
              - {name: present, ordinal: 1, aliases: ["1", "yes"]}
            rules: [trim, case_fold, {blank: absent}, alias]
            columns: [edh]
        """

    @Test(arguments: TestEngine.available)
    func `two vocabularies may share a domain that they define alike`(engine: WarehouseEngine) async throws {
        try await TestWarehouse.with(engine) { warehouse in
            let source = Self.source.replacing("body", with: "twin")
            let place = try await Place(
                warehouse, sources: ["ward": DeclaredHome.ward, "twin": source], vocabularies: ["twin": Self.twin])
            try place.writeTable("ward", "epidural", ["1", "0"])
            _ = try await place.run("ingest", place.folder.path("ward"))
            try place.writeTable("twin", "edh", ["yes", "no", "yes"])
            _ = try await place.run("ingest", place.folder.path("twin"))
            let counts: SQL = """
                SELECT term_name, count(*) FROM label_current WHERE domain_name = 'epidural'
                GROUP BY term_name ORDER BY term_name
                """
            #expect(try await place.texts(counts) == ["absent 2", "present 3"])
            #expect(try await place.run("domains", "clean").contains("nothing changes"))
        }
    }
}
