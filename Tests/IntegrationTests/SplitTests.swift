import CanonicalJSON
import Phantom
import SQLInterface
import TestSupport
import Testing
import Training
import Warehouse

/// Splits in both engines: who is in which fold, who stays there, and what cannot be stored.
@Suite("Splits")
struct SplitTests {
    private static let shares: [(String, Double)] = [("train", 0.7), ("validation", 0.15), ("test", 0.15)]

    @Test(arguments: TestEngine.available)
    func `the folds of a hash are those that Python computes from the stored keys`(engine: WarehouseEngine) async throws
    {
        try await TestWarehouse.with(engine) { place in
            var catalogue = SyntheticCatalogue()
            catalogue.patients = 0..<200
            try await catalogue.write(to: place)
            let report = try await Self.create(place) { options in options.seed = 42 }
            #expect(report.unitCount == 200 && report.patientCount == 200 && !report.isKnown)
            let again = try await Self.create(place) { options in options.seed = 42 }
            #expect(again.isKnown && again.patientCount == 200)
            let folds = try await Self.folds(place)
            let theirs = try await Self.oracle("hash", seed: 42, folds.keys.map { ($0, "") })
            #expect(folds.mapValues(\.fold) == theirs.mapValues(\.fold))
            #expect(try await SyntheticCatalogue.brokenPromises(of: place) == [])
        }
    }

    @Test(arguments: TestEngine.available)
    func `strata of a domain are balanced as Python balances them`(engine: WarehouseEngine) async throws {
        try await TestWarehouse.with(engine) { place in
            var catalogue = SyntheticCatalogue()
            catalogue.patients = 0..<100
            try await catalogue.write(to: place)
            _ = try await Self.create(place) { options in
                options.stratify = "finding"
                options.seed = -3
            }
            let folds = try await Self.folds(place)
            // A patient is present where any slice is: every third of a hundred.
            #expect(folds.values.count { $0.stratum == "present" } == 34)
            let theirs = try await Self.oracle("balanced", seed: -3, folds.map { ($0.key, $0.value.stratum) })
            #expect(folds.mapValues(\.fold) == theirs.mapValues(\.fold))
        }
    }

    /// Two patients cannot fill three folds.
    @Test(arguments: TestEngine.available)
    func `an empty fold is named`(engine: WarehouseEngine) async throws {
        try await TestWarehouse.with(engine) { place in
            var catalogue = SyntheticCatalogue()
            catalogue.patients = 0..<2
            try await catalogue.write(to: place)
            let home = try TemporaryFolder()
            let program = try Program(home: home)
            let said = try await program.run(
                "split", "create", "few", "--k-folds", "3", "--method", "balanced", "--database", place.url)
            #expect(
                said.exitCode == 0 && said.error.contains("is empty: there are 2 units for 3 folds"), "\(said.error)")
            let json = try await program.run(
                "split", "create", "few", "--k-folds", "3", "--method", "balanced", "--database", place.url, "--json")
            #expect(try JSONValue(parsing: json.output)["empty_folds"]?.array?.count == 1, "\(json.output)")
            let set = try await program.run(
                "training-set", "create", "t", "--split", "few", "--recipe", "brain-window-512", "--sample", "slice",
                "--target", "none", "--database", place.url, "--json")
            #expect(set.exitCode == 0, "\(set.error)")
            #expect(try JSONValue(parsing: set.output)["empty_folds"]?.array?.count == 1, "\(set.output)")
        }
    }

    @Test(arguments: TestEngine.available)
    func `patients who share a picture or an alias are one unit, and blank pictures join nobody`(
        engine: WarehouseEngine
    ) async throws {
        try await TestWarehouse.with(engine) { place in
            var catalogue = SyntheticCatalogue()
            catalogue.sharedPictures = [1: 0, 2: 0, 7: 6]
            try await catalogue.write(to: place)
            try await Self.alias(place, catalogue.patientID(2), catalogue.patientID(9))
            let report = try await Self.create(place)
            // {0, 1, 2, 9} and {6, 7}
            #expect(report.unitCount == 16 && report.patientCount == 20)
            let units = try await Self.unitOfPatient(place)
            #expect(Set([0, 1, 2, 9].map { units[catalogue.patientID($0)] }).count == 1)
            let smallest = [0, 1, 2, 9].map(catalogue.patientID).min()
            #expect(units[catalogue.patientID(9)] == smallest.map { String($0) })
        }
        try await TestWarehouse.with(engine) { place in
            var catalogue = SyntheticCatalogue()
            catalogue.sharedPictures = [1: 0, 2: 0]
            catalogue.areSharedBlank = true
            try await catalogue.write(to: place)
            #expect(try await Self.create(place).unitCount == 20)
        }
    }

    @Test(arguments: TestEngine.available, ["hash", "balanced"])
    func `patients who come later get a fold, and nobody moves`(engine: WarehouseEngine, method: String) async throws {
        try await TestWarehouse.with(engine) { place in
            var catalogue = SyntheticCatalogue()
            catalogue.patients = 0..<60
            try await catalogue.write(to: place)
            _ = try await Self.create(place) { options in
                options.method = method
                options.stratify = method == "balanced" ? "finding" : nil
            }
            let before = try await Self.folds(place)
            catalogue.patients = 60..<90
            // One of the new ones turns out to be an old one.
            catalogue.sharedPictures = [77: 5]
            try await catalogue.write(to: place)
            let waiting = try await place.open { try await SplitAudit($0).run("s") }
            #expect(waiting.map(\.check) == ["patient_without_fold"] && waiting[0].count == 30)
            let report = try await place.open(.write(create: false)) { try await SplitExtension($0).extend("s") }
            #expect(report.newPatientCount == 30 && report.newUnitCount == 29 && report.contestedCount == 0)
            let after = try await Self.folds(place)
            #expect(before.allSatisfy { after[$0.key]?.fold == $0.value.fold })
            #expect(after.count == 89)
            let units = try await Self.unitOfPatient(place)
            #expect(units[catalogue.patientID(77)] == units[catalogue.patientID(5)])
            let shares = after.values.count { $0.fold == "train" }
            #expect(method == "hash" || (61...63).contains(shares), "\(shares) of 89 in train")
            #expect(try await place.open { try await SplitAudit($0).run("s") } == [])
            #expect(try await SyntheticCatalogue.brokenPromises(of: place) == [])
            let nobody = try await place.open(.write(create: false)) { try await SplitExtension($0).extend("s") }
            #expect(nobody.newPatientCount == 0)
        }
    }

    /// Nine patients of one finding, and newcomers of another that nobody had.
    @Test(arguments: TestEngine.available)
    func `newcomers of small strata are placed as Python places them, and not all in the largest fold`(
        engine: WarehouseEngine
    ) async throws {
        try await TestWarehouse.with(engine) { place in
            var catalogue = SyntheticCatalogue()
            catalogue.patients = 0..<9
            try await catalogue.write(to: place)
            _ = try await Self.create(place) { $0.stratify = "finding" }
            let before = try await Self.folds(place)
            // Three of nine are present and six absent: both too few, and one stratum.
            #expect(Set(before.values.map(\.stratum)) == ["merged"])
            // Nobody says anything of two of them.
            for (patients, hasLabels) in [(9..<10, true), (10..<12, false), (12..<13, true)] {
                (catalogue.patients, catalogue.hasLabels) = (patients, hasLabels)
                try await catalogue.write(to: place)
            }
            let home = try TemporaryFolder()
            let program = try Program(home: home)
            let said = try await program.run("split", "extend", "s", "--database", place.url)
            #expect(said.exitCode == 0, "\(said.error)")
            let after = try await Self.folds(place)
            #expect(before.allSatisfy { after[$0.key]?.fold == $0.value.fold })
            let newcomers = after.filter { before[$0.key] == nil }
            let raw = [9: "present", 10: "(no value)", 11: "(no value)", 12: "present"]
            let units = raw.map { (String(catalogue.patientID($0.key)), $0.value) }
            let theirs = try await Self.oracle(
                "extended", seed: 0, units, earlier: before.map { ($0.key, $0.value.fold, $0.value.stratum) })
            #expect(newcomers.mapValues(\.fold) == theirs.mapValues(\.fold))
            #expect(newcomers.mapValues(\.stratum) == theirs.mapValues(\.stratum))
            // Of nine, 6, 2 and 1 were placed; of thirteen 9, 2 and 2 are.
            let counts = Self.shares.map { fold, _ in after.values.count { $0.fold == fold } }
            #expect(counts == [9, 2, 2])
            #expect(said.output.contains("4 patients more, in 4 new units: train 3, validation 0, test 1"))
            // Three were present before.
            let merged = "(no value) (2 new, 2 in all), present (2 new, 5 in all)."
            #expect(said.error.contains("fewer than 7 units are counted together: " + merged))
        }
    }

    @Test(arguments: TestEngine.available)
    func `a patient cannot be stored in two folds, nor in another fold than the unit`(
        engine: WarehouseEngine
    ) async throws {
        try await TestWarehouse.with(engine) { place in
            let catalogue = SyntheticCatalogue()
            try await catalogue.write(to: place)
            _ = try await Self.create(place)
            let patient = catalogue.patientID(0)
            let unit = try #require(try await Self.unitOfPatient(place)[patient])
            let fold = try #require(try await Self.folds(place)[unit]?.fold)
            let other = fold == "train" ? "test" : "train"
            let id = ContentKey("split", "s").id()
            let statements: [SQL] = [
                """
                INSERT INTO split_assignment (patient_id, split_id, unit_key, fold)
                VALUES (\(patient), \(id), \(unit), \(other))
                """,
                "UPDATE split_assignment SET fold = \(other) WHERE split_id = \(id) AND patient_id = \(patient)",
                "INSERT INTO split_unit (split_id, unit_key, fold) VALUES (\(id), \(unit), \(other))",
                "UPDATE split_unit SET fold = \(other) WHERE split_id = \(id) AND unit_key = \(unit)",
            ]
            for statement in statements {
                await #expect(throws: (any Error).self, "\(statement.text)") {
                    try await place.open(.write(create: false)) { warehouse in
                        try await warehouse.withConnection(.write) { connection in
                            try await connection.transaction { try await connection.execute(statement) }
                        }
                    }
                }
            }
            #expect(try await Self.folds(place)[unit]?.fold == fold)
        }
    }

    @Test(arguments: TestEngine.available)
    func `the first rows of a table train, whole patients at a time`(engine: WarehouseEngine) async throws {
        try await TestWarehouse.with(engine) { place in
            let catalogue = SyntheticCatalogue()
            try await catalogue.write(to: place)
            // Three rows a patient: row 31 is the first of the eleventh patient.
            _ = try await Self.create(place) { $0.firstRows = 31 }
            let units = try await Self.unitOfPatient(place)
            let folds = try await Self.folds(place)
            let trained = (0..<20).filter { units[catalogue.patientID($0)].flatMap { folds[$0]?.fold } == "train" }
            #expect(trained == Array(0...10))
        }
    }

    @Test(arguments: TestEngine.available)
    func `the folds that LUNA16 gives are copied, or put together`(engine: WarehouseEngine) async throws {
        let cohort = try SmallLUNA.folder { $0.candidatesPerSeries = 1 }
        try await TestWarehouse.with(engine) { place in
            try await TestIngest(into: place, home: cohort).run(cohort.path("luna"))
            let published = try await place.rows(
                "SELECT patient_id, fold FROM split_assignment ORDER BY patient_id")
            _ = try await Self.create(place) { $0.isOfficial = true }
            let copied = try await place.rows(
                """
                SELECT patient_id, fold FROM split_assignment WHERE split_id = \(ContentKey("split", "s").id())
                ORDER BY patient_id
                """)
            #expect(copied == published && !copied.isEmpty)
            _ = try await Self.create(place, name: "two") { options in
                options.isOfficial = true
                options.folds = "test=subset9,train=" + (0..<9).map { "subset\($0)" }.joined(separator: "+")
            }
            let folds = try await Self.folds(place, "two").values.map(\.fold)
            let inNine = try published.count { try $0.get("fold", as: String.self) == "subset9" }
            #expect(folds.count { $0 == "test" } == inNine && folds.count == published.count)
            #expect(try await place.open { try await SplitAudit($0).run(nil) } == [])
        }
    }

    @Test(.enabled(if: TestEngine.hasPostgreSQL, Comment(rawValue: TestEngine.isMissing)))
    func `both engines split both versions of CT-ICH alike, and keep a patient's versions together`() async throws {
        let cohort = try await Cohorts.wholeICH()
        let home = try TemporaryFolder()
        var contents: [WarehouseContents] = []
        for engine in TestEngine.available {
            try await TestWarehouse.with(engine) { place in
                try await TestIngest(into: place, home: home).run(cohort.path("ich"))
                let report = try await Self.create(place) { options in
                    options.stratify = "haemorrhage"
                    options.foldCount = 5
                }
                // 82 people, 75 of whom are in both versions.
                #expect(report.unitCount == 82 && report.patientCount == 157)
                #expect(report.split.merge.map { !$0.merged.isEmpty } == true)
                #expect(try await SyntheticCatalogue.brokenPromises(of: place) == [])
                contents.append(try await WarehouseContents(of: place))
            }
        }
        for table in ["split", "split_fold", "split_unit", "split_assignment"] {
            #expect(contents[0].tables[table] == contents[1].tables[table], "\(table)")
            #expect(contents[0].tables[table]?.isEmpty == false)
        }
    }

    // MARK: Steps

    private typealias Place = (fold: String, stratum: String)

    private static func create(
        _ place: TestWarehouse, name: String = "s", _ change: (inout SplitOptions) -> Void = { _ in }
    ) async throws -> SplitCreation.Report {
        var options = SplitOptions()
        options.name = name
        change(&options)
        let request = try options.resolve()
        return try await place.open(.write(create: false)) { warehouse in
            try await SplitCreation(warehouse, clock: { SQLTimestamp(microseconds: 0) }).create(request)
        }
    }

    private static func folds(_ place: TestWarehouse, _ name: String = "s") async throws -> [String: Place] {
        let rows = try await place.rows(
            """
            SELECT unit_key, fold, stratum FROM split_unit WHERE split_id = \(ContentKey("split", .text(name)).id())
            """)
        var folds: [String: Place] = [:]
        for row in rows {
            let stratum: String? = try row.get(at: 2)
            folds[try row.get(at: 0)] = (try row.get(at: 1), stratum ?? "")
        }
        return folds
    }

    private static func unitOfPatient(_ place: TestWarehouse) async throws -> [Int64: String] {
        let rows = try await place.rows("SELECT patient_id, unit_key FROM split_assignment")
        var units: [Int64: String] = [:]
        for row in rows { units[try row.get(at: 0)] = try row.get(at: 1) }
        return units
    }

    private static func alias(_ place: TestWarehouse, _ one: Int64, _ other: Int64) async throws {
        _ = try await place.open(.write(create: false)) { warehouse in
            try await warehouse.withConnection(.write) { connection in
                try await connection.execute(
                    """
                    INSERT INTO patient_alias (patient_id, alias_patient_id, reason, evidence, created_at)
                    VALUES (\(min(one, other)), \(max(one, other)), 'declared', 'test',
                        \(SQLTimestamp(microseconds: 0)))
                    """)
            }
        }
    }

    private static func oracle(
        _ method: String, seed: Int64, _ units: [(String, String)], earlier: [(String, String, String)] = []
    ) async throws -> [String: Place] {
        let folder = try TemporaryFolder()
        let task: JSONValue = [
            "method": .string(method), "seed": .integer(seed),
            "shares": .array(shares.map { .array([.string($0.0), .number($0.1)]) }),
            "units": .array(units.map { .strings([$0.0, $0.1]) }),
            "earlier": .array(earlier.map { .strings([$0.0, $0.1, $0.2]) }),
        ]
        try folder.write(task.text, to: "task.json")
        let rows = try await PythonScript("split-oracle").table([folder.path("task.json")])
        return Dictionary(uniqueKeysWithValues: rows.map { ($0[0], ($0[1], $0[2])) })
    }
}
