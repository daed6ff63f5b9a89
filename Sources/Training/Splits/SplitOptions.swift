/// A split as typed; ``resolve()`` turns it into settings.
package struct SplitOptions: Sendable {
    package var name = ""
    package var folds: String?
    package var foldCount: Int?
    package var method: String?
    package var stratify: String?
    package var seed: Int64 = 0
    package var datasets: [String] = []
    package var query: UserQuery?
    package var isOfficial = false
    package var firstRows: Int?
    package var source: String?

    package static let defaultFolds = "train=0.7,validation=0.15,test=0.15"

    package init() {}

    /// **Throws** `badOption`, naming the option.
    package func resolve() throws(TrainingError) -> SplitRequest {
        guard SplitFold.isName(name) else {
            throw TrainingError(
                .badOption, name.isEmpty ? "NAME" : name,
                "a split is named by up to 64 letters, digits, hyphens and underscores")
        }
        try checkCombination()
        let scope = PatientScope(datasets: datasets, query: query)
        if isOfficial {
            var groups: [(fold: SplitFold, parts: [String])] = []
            if let folds { groups = try SplitFold.groups(parsing: folds) }
            return SplitRequest(
                name: name, scope: scope, seed: 0,
                kind: .official(groups: groups.map { SplitMethod.Group(fold: $0.fold.name, parts: $0.parts) }))
        }
        if let firstRows {
            return SplitRequest(
                name: name, scope: scope, seed: 0,
                kind: .firstRows(count: firstRows, source: source, folds: try twoFolds()))
        }
        let all: [SplitFold]
        if let foldCount {
            all = SplitFold.equal(count: foldCount)
        } else {
            all = try SplitFold.list(parsing: folds ?? Self.defaultFolds)
        }
        guard stratify == nil || method != "hash" else {
            throw TrainingError(
                .badOption, "--method hash", "a hash knows no strata; leave --method out, or leave --stratify out")
        }
        let isBalanced = stratify != nil || method == "balanced"
        return SplitRequest(
            name: name, scope: scope, seed: seed,
            kind: .shares(isBalanced ? .balanced(stratifiedBy: stratify) : .hash, folds: all))
    }

    private func checkCombination() throws(TrainingError) {
        if let foldCount, !(2...100).contains(foldCount) { throw bad("--k-folds", "between 2 and 100") }
        if let firstRows, firstRows < 1 { throw bad("--first-rows", "at least 1") }
        if let method, method != "hash", method != "balanced" { throw bad("--method", "hash or balanced") }
        if folds != nil, foldCount != nil { throw bad("--k-folds", "it makes the folds; leave --folds out") }
        if source != nil, firstRows == nil { throw bad("--source", "it belongs to --first-rows") }
        let given = [isOfficial, firstRows != nil, foldCount != nil || stratify != nil || method != nil || seed != 0]
        guard given.count(where: \.self) <= 1 else {
            throw bad(
                isOfficial ? "--official" : "--first-rows",
                "the folds are given, so that --k-folds, --stratify, --method and --seed have no meaning")
        }
    }

    /// Names of the folds of first and later rows.
    private func twoFolds() throws(TrainingError) -> [SplitFold] {
        let names = (folds ?? "train,validation").split(separator: ",").map(String.init)
        guard names.count == 2, names.allSatisfy(SplitFold.isName), names[0] != names[1] else {
            throw bad("--folds", "with --first-rows, name two folds, such as train,validation")
        }
        return names.map { SplitFold($0) }
    }

    private func bad(_ option: String, _ reason: String) -> TrainingError { TrainingError(.badOption, option, reason) }
}

/// A split that makes sense in itself; whether it fits the warehouse is seen when it is made.
package struct SplitRequest: Sendable {
    package enum Kind: Sendable {
        case shares(SplitMethod, folds: [SplitFold])
        case official(groups: [SplitMethod.Group])
        case firstRows(count: Int, source: String?, folds: [SplitFold])
    }

    package let name: String
    package let scope: PatientScope
    package let seed: Int64
    package let kind: Kind
}
