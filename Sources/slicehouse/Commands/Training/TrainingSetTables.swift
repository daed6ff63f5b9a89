import CanonicalJSON
import SQLInterface
import Training
import Warehouse

/// A training set as people and programs read it.
enum TrainingSetTables {
    static func text(_ set: StoredTrainingSet) -> String {
        var lines = [
            "training set  \(set.reference)", "split         \(set.splitName)",
            "recipe        \(set.recipeName ?? "") \(FileDigest.hex(set.recipeDigest).prefix(12))",
            "samples       \(set.sampleCount) of kind \(set.sampleKind), target \(set.targetKind)",
            "digest        \(FileDigest.hex(set.digest))", "parameters    \(set.parameters.text)",
        ]
        if let weights = set.classWeights {
            lines += rounds(weights, "class weights") ?? ["class weights \(weights.text)"]
        }
        if let plan = set.samplingPlan {
            let classes = plan["classes"]?.text ?? "{}"
            lines += rounds(plan, "oversampling ") ?? ["oversampling  \(plan["kind"]?.string ?? ""): \(classes)"]
        }
        if let reason = set.invalidationReason { lines.append("INVALID       \(reason)") }
        return (lines + ["query", set.query.text, ""]).joined(separator: "\n")
    }

    /// One line for each fold that may be held out; nil where the set has training folds of its own.
    private static func rounds(_ stored: JSONValue, _ title: String) -> [String]? {
        guard let rounds = stored["held_out"]?.object else { return nil }
        let kind = stored["kind"]?.string ?? ""
        return rounds.sorted { $0.key < $1.key }.map { fold, classes in
            "\(title) \(kind), \(fold) held out: \(classes.text)"
        }
    }

    static func json(_ set: StoredTrainingSet, _ folds: FoldTable) -> JSONValue {
        [
            "training_set": .string(set.reference), "split": .string(set.splitName),
            "recipe": [
                "name": set.recipeName.map(JSONValue.string) ?? .null,
                "sha256": .string(FileDigest.hex(set.recipeDigest)),
            ],
            "sample_kind": .string(set.sampleKind), "target_kind": .string(set.targetKind),
            "samples": .integer(set.sampleCount), "digest": .string(FileDigest.hex(set.digest)),
            "parameters": set.parameters, "query": .string(set.query.text),
            "class_weights": set.classWeights ?? .null, "sampling_plan": set.samplingPlan ?? .null,
            "invalid": set.invalidationReason.map(JSONValue.string) ?? .null,
            "folds": .array(folds.rows.map(json)),
        ]
    }

    static func json(_ row: Row) -> JSONValue {
        .object(
            Dictionary(
                zip(row.columns, row.values).map { column, value in
                    switch value {
                    case .integer(let number): (column, .integer(number))
                    case .text(let text): (column, .string(text))
                    default: (column, .null)
                    }
                }, uniquingKeysWith: { $1 }))
    }
}
