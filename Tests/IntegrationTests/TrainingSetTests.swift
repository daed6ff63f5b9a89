import Foundation
import SQLInterface
import TestSupport
import Testing
import Training
import Warehouse

/// Frozen training sets: what is in them, what is left out, and what cannot be stored.
@Suite("Training sets")
struct TrainingSetTests {
    @Test(arguments: TestEngine.available)
    func `the same definition is found again, and another one is the next version`(engine: WarehouseEngine) async throws
    {
        try await TestWarehouse.with(engine) { place in
            try await SyntheticCatalogue().write(to: place)
            try await FrozenSets.split(place)
            let first = try await FrozenSets.create(place)
            #expect(first.version == 1 && !first.isKnown && first.sampleCount == 60)
            let again = try await FrozenSets.create(place)
            #expect(again.version == 1 && again.isKnown && again.digest == first.digest)
            let other = try await FrozenSets.create(place) { $0.conflicts = "max" }
            #expect(other.version == 2 && !other.isKnown && other.digest != first.digest)
            // The earlier one is found, not made a third time.
            #expect(try await FrozenSets.create(place).version == 1)
            await #expect(throws: TrainingError.self) {
                try await FrozenSets.create(place, expected: Array(repeating: 0, count: 32)) { $0.missing = "null" }
            }
            #expect(try await place.count("SELECT count(*) FROM training_set") == 2)
            #expect(try await SyntheticCatalogue.brokenPromises(of: place) == [])
        }
    }

    @Test(.enabled(if: TestEngine.hasPostgreSQL, Comment(rawValue: TestEngine.isMissing)))
    func `both engines freeze the same rows under the same digest`() async throws {
        let cohort = try await Cohorts.wholeICH()
        let home = try TemporaryFolder()
        var contents: [WarehouseContents] = []
        for engine in TestEngine.available {
            try await TestWarehouse.with(engine) { place in
                try await TestIngest(into: place, home: home).run(cohort.path("ich"))
                try await FrozenSets.split(place) { $0.stratify = "haemorrhage" }
                try await FrozenSets.create(place, "masks") { options in
                    options.target = "mask"
                    options.domains = []
                    options.classWeights = "sqrt"
                    options.oversample = "3"
                }
                try await FrozenSets.create(place, "types") { options in
                    options.domains = ["epidural", "subdural", "fracture"]
                    options.missing = "null"
                    options.classWeights = "balanced"
                    options.oversample = "balanced"
                    options.sample = "context"
                }
                contents.append(try await WarehouseContents(of: place))
            }
        }
        for table in ["recipe", "training_set", "training_sample", "training_sample_slice"] {
            #expect(contents[0].tables[table]?.isEmpty == false)
        }
        let differences = contents[0].differences(from: contents[1]).filter { $0.hasPrefix("training") }
        #expect(differences == [])
    }

    /// Of 0 HU, the least that the clip leaves, the window from -20 to 100 makes 20/120.
    @Test(arguments: TestEngine.available)
    func `a fill is compared with what all steps make of air`(engine: WarehouseEngine) async throws {
        let home = try TemporaryFolder()
        func notes(_ fill: String, _ place: TestWarehouse) async throws -> [String] {
            try home.write(
                """
                steps:
                  - {step: clip, range: [0, 80]}
                  - {step: window, windows: [{center: 40, width: 120}]}
                augment: {rotation_degrees: 10, fill: \(fill)}
                """, to: "brain.yaml")
            return try await FrozenSets.create(place, recipe: home.path("brain.yaml")).notes
        }
        try await TestWarehouse.with(engine) { place in
            try await SyntheticCatalogue().write(to: place)
            try await FrozenSets.split(place)
            let told = try await notes("0", place)
            #expect(told.count == 1 && told[0].contains("fill: 0.16666667 in its augment"), "\(told)")
            #expect(try await notes("0.167", place) == [])
        }
    }

    @Test(arguments: TestEngine.available)
    func `labels that are missing or contradict each other follow the rule`(engine: WarehouseEngine) async throws {
        try await TestWarehouse.with(engine) { place in
            let catalogue = SyntheticCatalogue()
            try await catalogue.write(to: place)
            try await FrozenSets.split(place)
            // One slice loses its value; of another a second reader says the opposite (absent there).
            try await FrozenSets.write(
                place,
                """
                UPDATE label_value SET status = 'quarantined', label_term_id = NULL, reason = 'test'
                WHERE label_id = (SELECT label_id FROM label WHERE slice_id = \(catalogue.sliceID(0, 0)))
                """)
            try await FrozenSets.contradict(place, slice: catalogue.sliceID(1, 1))
            let counts = try await [("drop", "drop"), ("null", "drop"), ("drop", "max"), ("null", "null")].asyncMap {
                missing, conflicts in
                try await FrozenSets.create(place) { options in
                    options.missing = missing
                    options.conflicts = conflicts
                }
            }
            #expect(counts.map(\.sampleCount) == [58, 59, 59, 60])
            #expect(counts[0].refused.map(\.reason) == ["no_value", "conflict"])
            #expect(counts[0].refused[0].sentence == "without a clean value of finding; --missing null keeps them")
            #expect(counts[0].refused.map(\.count) == [1, 1])
            func target(_ version: Int, _ slice: Int64) async throws -> String? {
                let rows = try await place.rows(
                    """
                    SELECT target FROM training_sample
                    WHERE slice_id = \(slice) AND training_set_id = (
                        SELECT training_set_id FROM training_set WHERE version = \(version))
                    """)
                return try rows.first?.get(at: 0, as: String.self)
            }
            #expect(try await target(2, catalogue.sliceID(0, 0)) == "[null]")
            #expect(try await target(3, catalogue.sliceID(1, 1)) == "[1]")
            #expect(try await target(4, catalogue.sliceID(1, 1)) == "[null]")
        }
    }

    @Test(arguments: TestEngine.available)
    func `variants, masks and patients without a fold stay outside`(engine: WarehouseEngine) async throws {
        try await TestWarehouse.with(engine) { place in
            var catalogue = SyntheticCatalogue()
            try await catalogue.write(to: place)
            try await FrozenSets.split(place)
            catalogue.patients = 20..<22
            try await catalogue.write(to: place)
            try await FrozenSets.write(
                place, "UPDATE series SET is_trainable = \(false) WHERE series_id = \(catalogue.seriesID(3))")
            try await FrozenSets.write(
                place, "UPDATE series SET role = 'localizer' WHERE series_id = \(catalogue.seriesID(4))")
            let query = UserQuery("-- all of them\nSELECT slice_id FROM slice -- and nothing else\n; ")
            let report = try await FrozenSets.create(place) { $0.query = query }
            #expect(report.sampleCount == 54)
            #expect(
                Dictionary(uniqueKeysWithValues: report.refused.map { ($0.reason, $0.count) })
                    == ["not_image": 3, "variant": 3, "no_fold": 6])
            let all = try await FrozenSets.create(place) { options in
                options.query = query
                options.includesVariants = true
            }
            #expect(all.sampleCount == 57)
            await #expect(throws: TrainingError.self) {
                try await FrozenSets.create(place) { $0.query = UserQuery("SELECT series_id FROM series") }
            }
            await #expect(throws: TrainingError.self) {
                try await FrozenSets.create(place) { $0.query = UserQuery("DELETE FROM slice RETURNING slice_id") }
            }
        }
    }

    @Test(arguments: TestEngine.available)
    func `a sample cannot be stored in another fold than its patient's`(engine: WarehouseEngine) async throws {
        try await TestWarehouse.with(engine) { place in
            try await SyntheticCatalogue().write(to: place)
            try await FrozenSets.split(place)
            try await FrozenSets.create(place)
            for statement in [
                "UPDATE training_sample SET fold = CASE WHEN fold = 'train' THEN 'test' ELSE 'train' END",
                "UPDATE training_sample SET fold = 'holdout' WHERE sample_number = 0",
                "UPDATE split_assignment SET fold = CASE WHEN fold = 'train' THEN 'test' ELSE 'train' END",
            ] as [SQL] {
                await #expect(throws: (any Error).self, "\(statement.text)") {
                    try await FrozenSets.write(place, statement)
                }
            }
        }
    }
}

extension Sequence {
    /// One after the other.
    fileprivate func asyncMap<R>(_ body: (Element) async throws -> R) async throws -> [R] {
        var results: [R] = []
        for element in self { results.append(try await body(element)) }
        return results
    }
}
