import CanonicalJSON
import SQLInterface
import TestSupport
import Testing
import Training
import Warehouse

/// What the audit of frozen sets finds, and what it lets pass.
@Suite("Audit of training sets")
struct TrainingSetAuditTests {
    @Test(arguments: TestEngine.available)
    func `the audit finds changed rows, labels, pixels and identities`(engine: WarehouseEngine) async throws {
        try await TestWarehouse.with(engine) { place in
            var catalogue = SyntheticCatalogue()
            try await catalogue.write(to: place)
            try await FrozenSets.split(place)
            try await FrozenSets.create(place)
            func checks() async throws -> [String: Int] {
                let findings = try await place.open { try await TrainingSetAudit($0).run("t@1") }
                return Dictionary(uniqueKeysWithValues: findings.map { ($0.check, $0.count) })
            }
            #expect(try await checks() == [:])
            catalogue.patients = 20..<23
            try await catalogue.write(to: place)
            _ = try await place.open(.write(create: false)) { try await SplitExtension($0).extend("s") }
            #expect(try await checks() == ["would_join": 9])
            try await FrozenSets.write(
                place,
                """
                UPDATE label_value SET label_term_id = (SELECT label_term_id FROM label_term WHERE name = 'present')
                WHERE label_id = (SELECT label_id FROM label WHERE slice_id = \(catalogue.sliceID(0, 0)))
                """)
            #expect(try await checks() == ["would_join": 9, "targets": 1])
            try await FrozenSets.write(
                place,
                "UPDATE slice SET pixel_digest = \([UInt8](repeating: 9, count: 32)) WHERE slice_id = \(catalogue.sliceID(1, 0))"
            )
            #expect(try await checks() == ["would_join": 9, "targets": 1, "pixels": 1])
            try await FrozenSets.write(place, "UPDATE training_sample SET weight = 2 WHERE sample_number = 5")
            #expect(try await checks()["digest"] == 1)
            let folds = try await place.rows("SELECT patient_id, fold FROM split_assignment ORDER BY patient_id")
            let one = try #require(try folds.first { try $0.get(at: 1, as: String.self) == "train" })
            let other = try #require(try folds.first { try $0.get(at: 1, as: String.self) != "train" })
            let pair: [Int64] = [try one.get(at: 0), try other.get(at: 0)].sorted()
            try await FrozenSets.write(
                place,
                """
                INSERT INTO patient_alias (patient_id, alias_patient_id, reason, evidence, created_at)
                VALUES (\(pair[0]), \(pair[1]), 'declared', 'test', \(SQLTimestamp(microseconds: 0)))
                """)
            #expect(try await checks()["identity_in_one_fold"] == 1)
        }
    }

    @Test(arguments: TestEngine.available)
    func `a set whose query fails is told, and the others are looked at all the same`(
        engine: WarehouseEngine
    ) async throws {
        try await TestWarehouse.with(engine) { place in
            let catalogue = SyntheticCatalogue()
            try await catalogue.write(to: place)
            try await FrozenSets.split(place)
            try await place.script("CREATE TABLE picked AS SELECT slice_id FROM slice")
            try await FrozenSets.create(place, "a") { $0.query = UserQuery("SELECT slice_id FROM picked") }
            try await FrozenSets.create(place, "b")
            try await place.script("DROP TABLE picked")
            func checks(_ name: String?) async throws -> [String] {
                let findings = try await place.open { try await TrainingSetAudit($0).run(name) }
                return findings.map { "\($0.subject) \($0.check) \($0.count)" }.sorted()
            }
            #expect(try await checks(nil) == ["a@1 query 1"])
            try await FrozenSets.write(
                place,
                "UPDATE slice SET pixel_digest = \([UInt8](repeating: 9, count: 32)) WHERE slice_id = \(catalogue.sliceID(1, 0))"
            )
            // What the rows alone say of the first is said too.
            #expect(try await checks(nil) == ["a@1 pixels 1", "a@1 query 1", "b@1 pixels 1"])
            #expect(try await checks("a") == ["a@1 pixels 1", "a@1 query 1"])
            await #expect(throws: TrainingError.self) { try await checks("c") }
            let home = try TemporaryFolder()
            let run = try await Program(home: home).run("training-set", "check", "--json", "--database", place.url)
            withExtendedLifetime(home) {}
            #expect(run.exitCode == 65 && run.error.isEmpty, "\(run.error)")
            let lines = try run.output.split(separator: "\n").map { try JSONValue(parsing: String($0)) }
            let query = try #require(lines.first { $0["check"]?.string == "query" })
            #expect(query["training_set"]?.string == "a@1" && query["severity"]?.string == "error")
            #expect(query["what"]?.string?.contains("picked") == true, "\(run.output)")
            #expect(lines.contains { $0["training_set"]?.string == "b@1" })
        }
    }

    @Test(arguments: TestEngine.available)
    func `patients whom a split is not about are told from those who came later`(engine: WarehouseEngine) async throws {
        try await TestWarehouse.with(engine) { place in
            var catalogue = SyntheticCatalogue()
            try await catalogue.write(to: place)
            var other = SyntheticCatalogue()
            other.dataset = "elsewhere"
            other.patients = 0..<5
            try await other.write(to: place)
            try await FrozenSets.split(place) { $0.datasets = ["synthetic"] }
            catalogue.patients = 20..<22
            try await catalogue.write(to: place)
            let report = try await FrozenSets.create(place)
            #expect(report.refused.map(\.reason) == ["no_fold", "outside_split"])
            #expect(report.refused.map(\.count) == [6, 15])
            #expect(report.refused[0].sentence.contains("slicehouse split extend s gives them one"))
            #expect(report.refused[1].sentence.contains("whom split s is not about, by its --dataset or --query"))
            _ = try await place.open(.write(create: false)) { try await SplitExtension($0).extend("s") }
            #expect(try await FrozenSets.create(place).refused.map(\.reason) == ["outside_split"])
            // Row 20 and on are the other fold, and whoever the table does not have has none.
            try await FrozenSets.split(place) { options in
                options.name = "rows"
                options.firstRows = 20
                options.datasets = ["synthetic"]
            }
            catalogue.patients = 22..<23
            catalogue.hasLabels = false
            try await catalogue.write(to: place)
            let given = try await FrozenSets.create(place, "given") { options in
                options.split = "rows"
                options.target = "none"
                options.domains = []
            }
            #expect(given.refused.map(\.reason) == ["outside_split", "fold_not_given"])
            #expect(given.refused.map(\.count) == [15, 3])
        }
    }
}
