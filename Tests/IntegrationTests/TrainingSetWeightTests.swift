import CanonicalJSON
import SQLInterface
import TestSupport
import Testing
import Training
import Warehouse

/// Class weights and sampling plans of frozen sets.
@Suite("Weights of training sets")
struct TrainingSetWeightTests {
    @Test(arguments: TestEngine.available)
    func `weights are scikit-learn's, and a plan repeats what is rare`(engine: WarehouseEngine) async throws {
        try await TestWarehouse.with(engine) { place in
            try await SyntheticCatalogue().write(to: place)
            try await FrozenSets.split(place) { $0.folds = "all=1" }
            try await FrozenSets.create(place) { options in
                options.target = "grade"
                options.classWeights = "balanced"
                options.oversample = "balanced"
            }
            let rows = try await place.rows("SELECT class_weights, sampling_plan FROM training_set")
            let weights = try JSONValue(parsing: rows[0].get(at: 0))
            // 7 of 60 are positive: compute_class_weight("balanced") gives 60 / (2 × 53) and 60 / (2 × 7).
            #expect(weights["classes"]?["0"]?["weight"]?.number == 60.0 / 106)
            #expect(weights["classes"]?["1"]?["weight"]?.number == 60.0 / 14)
            let plan = try JSONValue(parsing: rows[0].get(at: 1))
            #expect(plan["classes"]?["1"]?["times"]?.number == 8)
            let repeated = plan["repeats"]?.array ?? []
            #expect(repeated.count == 7 && repeated.allSatisfy { $0.array?.last == 8 })
            let weighed = try await place.rows(
                "SELECT target, weight FROM training_sample WHERE weight > 1 ORDER BY sample_number")
            #expect(try weighed.count == 7 && weighed.allSatisfy { try $0.get(at: 1, as: Double.self) == 60.0 / 14 })
        }
    }

    @Test(arguments: TestEngine.available)
    func `weights and plan of a k-fold split are of all folds but the one that is held out`(
        engine: WarehouseEngine
    ) async throws {
        try await TestWarehouse.with(engine) { place in
            try await SyntheticCatalogue().write(to: place)
            try await FrozenSets.split(place) { options in
                options.foldCount = 3
                options.method = "balanced"
            }
            try await FrozenSets.create(place) { options in
                options.target = "grade"
                options.classWeights = "balanced"
                options.oversample = "balanced"
            }
            let rows = try await place.rows("SELECT class_weights, sampling_plan, parameters FROM training_set")
            let weights = try JSONValue(parsing: rows[0].get(at: 0))
            let plan = try JSONValue(parsing: rows[0].get(at: 1))
            #expect(try JSONValue(parsing: rows[0].get(at: 2))["train_fold"] == .null)
            #expect(weights["fold"] == .null && plan["fold"] == .null && plan["repeats"] == nil)
            let counts = try await place.rows(
                """
                SELECT fold, sum(CASE WHEN CAST(target AS text) = '1' THEN 1 ELSE 0 END) AS positive,
                    count(*) AS total FROM training_sample GROUP BY fold
                """
            ).map { row -> (fold: String, positive: Int, total: Int) in
                (try row.get(at: 0), try row.get(at: 1), try row.get(at: 2))
            }
            #expect(counts.count == 3)
            for held in counts {
                let rest = counts.filter { $0.fold != held.fold }
                let total = rest.reduce(0) { $0 + $1.total }
                let positive = rest.reduce(0) { $0 + $1.positive }
                // compute_class_weight("balanced") of scikit-learn, and halves rounded up.
                let round = weights["held_out"]?[held.fold]?["classes"]
                #expect(round?["1"]?["count"]?.number == Double(positive))
                #expect(round?["1"]?["weight"]?.number == Double(total) / Double(2 * positive))
                #expect(round?["0"]?["weight"]?.number == Double(total) / Double(2 * (total - positive)))
                let times = (Double(total - positive) / Double(positive)).rounded(.toNearestOrAwayFromZero)
                #expect(plan["held_out"]?[held.fold]?["1"]?["times"]?.number == times)
            }
            let stored = try await place.rows(
                "SELECT CAST(target AS text), weight FROM training_sample ORDER BY sample_number")
            let classes = (plan["sample_classes"]?["samples"]?.array ?? []).compactMap(\.number)
            #expect(try stored.map { try $0.get(at: 0, as: String.self) } == classes.map { $0 == 1 ? "1" : "0" })
            #expect(try stored.allSatisfy { try $0.get(at: 1, as: Double.self) == 1 })
            await #expect(throws: TrainingError.self) {
                try await FrozenSets.create(place) { options in
                    options.oversample = "balanced"
                    options.trainFold = "fold-0+fold-3"
                }
            }
            await #expect(throws: TrainingError.self) { try await FrozenSets.create(place) { $0.trainFold = "fold-0" } }
        }
    }
}
