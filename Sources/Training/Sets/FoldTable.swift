internal import CanonicalJSON
package import SQLInterface

/// Folds × labels: how many samples of each class a fold has.
package struct FoldTable: Sendable {
    /// One row per fold: fold, patients, samples, then one number a class.
    package let rows: RowSet
    /// Names of the folds without a sample.
    package let emptyFolds: [String]

    init(_ definition: TrainingSetDefinition, samples: [DraftSample]) {
        self.init(
            folds: definition.folds, target: definition.target,
            samples: samples.map { ($0.fold, $0.patientID, $0.classes) })
    }

    init(folds: [String], target: TargetForm, samples: [(fold: String, patientID: Int64, classes: SampleClasses)]) {
        let columns = Self.columns(target, samples.map(\.classes))
        let byFold = Dictionary(grouping: samples, by: \.fold)
        emptyFolds = folds.filter { byFold[$0] == nil }
        rows = RowSet(
            columns: ["fold", "patients", "samples"] + columns,
            rows: folds.map { fold in
                let own = byFold[fold] ?? []
                let counts = columns.enumerated().map { index, column in
                    own.count { Self.has($0.classes, column, index) }
                }
                let all = [Set(own.map(\.patientID)).count, own.count] + counts
                return [.text(fold)] + all.map { .integer(Int64($0)) }
            })
    }

    private static func columns(_ target: TargetForm, _ classes: [SampleClasses]) -> [String] {
        switch target {
        case .none: []
        case .labels(let domains): domains
        case .mask, .spheres: ["marked"]
        case .grade:
            Set(classes.compactMap { if case .grade(let value) = $0 { value } else { nil } }).sorted()
                .map { "grade " + JSONValue.ecmaScript($0) }
        }
    }

    private static func has(_ classes: SampleClasses, _ column: String, _ index: Int) -> Bool {
        switch classes {
        case .none: false
        case .labels(let values): values[index] == 1
        case .mask(let marked, _): marked > 0
        case .spheres(let count): count > 0
        case .grade(let value): "grade " + JSONValue.ecmaScript(value) == column
        }
    }
}
