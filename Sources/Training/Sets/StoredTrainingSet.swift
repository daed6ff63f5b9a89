package import CanonicalJSON
internal import Imaging
internal import SQLInterface
package import Warehouse

/// A frozen training set as it is in the warehouse.
package struct StoredTrainingSet: Sendable {
    package let id: Int64
    package let name: String
    package let version: Int
    package let splitName: String
    package let recipeName: String?
    package let recipeJSON: String
    package let recipeDigest: [UInt8]
    package let query: UserQuery
    package let parameters: JSONValue
    package let sampleKind: String
    package let targetKind: String
    package let classWeights: JSONValue?
    package let samplingPlan: JSONValue?
    package let sampleCount: Int
    package let digest: [UInt8]
    package let invalidationReason: String?
    package let folds: [String]
    let splitID: Int64

    package var reference: String { "\(name)@\(version)" }

    /// Finds `name@3`, or the latest version of `name`.
    ///
    /// **Throws** `notFound`, with the nearest name.
    package static func find(
        _ reference: String, on connection: any WarehouseConnection
    ) async throws -> StoredTrainingSet {
        let parts = reference.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
        let name = String(parts[0])
        guard parts.count == 1 || Int(parts[1]).map({ $0 >= 1 }) == true else {
            throw TrainingError(.badOption, reference, "write the name, or name@version, such as ich@3")
        }
        let condition: SQL =
            parts.count == 2 ? " AND training_set.version = \(Int(parts[1]) ?? 0)" : ""
        let rows = try await connection.rows(
            """
            SELECT training_set.*, split.name AS split_name, recipe.name AS recipe_name,
                recipe.canonical_json AS recipe_json, recipe.sha256 AS recipe_sha256
            FROM training_set
            JOIN split ON split.split_id = training_set.split_id
            JOIN recipe ON recipe.recipe_id = training_set.recipe_id
            WHERE training_set.name = \(name)\(sql: condition)
            ORDER BY training_set.version DESC LIMIT 1
            """)
        guard let row = rows.first else { throw try await unknown(reference, on: connection) }
        return try await StoredTrainingSet(row, on: connection)
    }

    private init(_ row: Row, on connection: any WarehouseConnection) async throws {
        id = try row.get("training_set_id")
        name = try row.get("name")
        version = try row.get("version")
        splitName = try row.get("split_name")
        recipeName = try row.get("recipe_name")
        recipeJSON = try row.get("recipe_json")
        recipeDigest = try row.get("recipe_sha256")
        query = UserQuery(try row.get("query"))
        parameters = try JSONValue(parsing: row.get("parameters"))
        sampleKind = try row.get("sample_kind")
        targetKind = try row.get("target_kind")
        classWeights = try row.get("class_weights", as: String?.self).map { try JSONValue(parsing: $0) }
        samplingPlan = try row.get("sampling_plan", as: String?.self).map { try JSONValue(parsing: $0) }
        sampleCount = try row.get("sample_count")
        digest = try row.get("digest")
        invalidationReason = try row.get("invalidation_reason")
        splitID = try row.get("split_id")
        folds = try await StoredSplit.folds(of: splitID, on: connection).map(\.name)
    }

    private static func unknown(_ reference: String, on connection: any WarehouseConnection) async throws
        -> TrainingError
    {
        let rows = try await connection.rows("SELECT name, version FROM training_set ORDER BY name, version")
        let all = try rows.map { "\(try $0.get(at: 0, as: String.self))@\(try $0.get(at: 1, as: Int.self))" }
        let advice =
            all.isEmpty
            ? "make one with slicehouse training-set create"
            : SQLLibrary.nearest(to: reference, among: all).map { "did you mean \($0)?" }
                ?? "there are \(all.joined(separator: ", "))"
        return TrainingError(.notFound, reference, "there is no training set of this name; \(advice)")
    }

    /// The folds that class weights and plan were counted in; nil where there are none, or each round has its own.
    var trainingFolds: [String]? {
        parameters["train_fold"]?.string.map { $0.split(separator: "+").map(String.init) }
    }

    /// Whether class weights or plan are of each fold that may be held out.
    package var isBalancedByRound: Bool {
        classWeights?["held_out"]?.object != nil || samplingPlan?["held_out"]?.object != nil
    }

    /// Folds as typed for an option: `train`, `fold-1+fold-2`, or `all-but:fold-0`; see ``FoldChoice``.
    ///
    /// **Throws** `notFound` for a fold that the split does not have, `badOption` where one is named twice or none is
    /// left.
    func chosenFolds(_ text: String, option: String = "--fold") throws(TrainingError) -> [String] {
        do throws(FoldChoice.Problem) {
            return try FoldChoice(parsing: text, among: folds).folds
        } catch {
            let isUnknown = if case .unknown = error { true } else { false }
            throw TrainingError(
                isUnknown ? .notFound : .badOption, "\(option) \(text)",
                "\(error.reason); \(reference) has the folds \(folds.joined(separator: ", "))")
        }
    }

    /// Those of the folds, each as ``chosenFolds(_:option:)`` reads it, that have samples; of all where none is named.
    func filledFolds(
        among folds: [String], on connection: any WarehouseConnection
    ) async throws -> Set<String> {
        let chosen = try Set(folds.flatMap { try chosenFolds($0) })
        let rows = try await connection.rows("SELECT DISTINCT fold FROM training_sample WHERE training_set_id = \(id)")
        let filled = try Set(rows.map { try $0.get(at: 0, as: String.self) })
        return chosen.isEmpty ? filled : filled.intersection(chosen)
    }

    /// What decides its samples; nil where a later program wrote it.
    var definition: TrainingSetDefinition? {
        guard let recipe = try? SampleRecipe(parsing: recipeJSON) else { return nil }
        return TrainingSetDefinition(
            parameters: parameters, query: query, targetKind: targetKind, recipe: recipe, splitID: splitID, folds: folds
        )
    }

    /// Folds × labels, from the frozen rows.
    package func foldTable(on connection: any WarehouseConnection) async throws -> FoldTable {
        guard let target = TargetForm(kind: targetKind, json: parameters["target"] ?? .object([:])) else {
            throw TrainingError(.unsuitable, reference, "a later program wrote it; use that one")
        }
        var samples: [(fold: String, patientID: Int64, classes: SampleClasses)] = []
        try await connection.stream(
            "SELECT fold, patient_id, target FROM training_sample WHERE training_set_id = \(id)", batchRows: 4_096
        ) { rows in
            for row in rows {
                let json = try row.get(at: 2, as: String?.self).map { try JSONValue(parsing: $0) }
                samples.append((try row.get(at: 0), try row.get(at: 1), SampleClasses(target, json)))
            }
        }
        return FoldTable(folds: folds, target: target, samples: samples)
    }
}

extension SampleClasses {
    /// The classes of a stored target; of a mask only whether anything is marked.
    init(_ target: TargetForm, _ json: JSONValue?) {
        let elements = json?.array ?? []
        switch target {
        case .none: self = .none
        case .labels: self = .labels(elements.map(\.number))
        case .grade: self = .grade(json?.number ?? .nan)
        case .mask: self = .mask(marked: elements.count, all: 0)
        case .spheres: self = .spheres(count: elements.count)
        }
    }
}
