internal import CanonicalJSON
internal import Catalogue
internal import Imaging
internal import SQLInterface
internal import Warehouse

/// Everything that decides which samples a training set has: enough to freeze it again.
struct TrainingSetDefinition: Sendable {
    let splitID: Int64
    let folds: [String]
    let query: UserQuery
    let form: SampleForm
    let target: TargetForm
    /// How samples become pixels, and so where their marks are.
    let recipe: SampleRecipe
    /// Domains that a sample needs a value of, those of the target included.
    let domains: [String]
    let levels: [String: String]
    let rulesets: [String: String]
    let missing: MissingRule
    let conflicts: ConflictRule
    let includesVariants: Bool
    let weighting: ClassWeighting
    let oversampling: Oversampling
    /// Folds that weights and plan are computed from; empty where the split does not say which those are.
    let trainFolds: [String]

    /// The same as `parameters.train_fold` has it.
    var trainFold: String? { trainFolds.isEmpty ? nil : trainFolds.joined(separator: "+") }

    /// What a request means in this warehouse.
    static func resolve(
        _ request: TrainingSetRequest, on connection: any WarehouseConnection
    ) async throws -> TrainingSetDefinition {
        try await DatasetChoice(request.datasets).check(on: connection)
        let split = try await SplitFolds.named(request.split, on: connection)
        let trainFolds = try Self.trainFolds(request, of: split.folds)
        let target = try await MarkResolution(
            splitID: split.id, datasets: DatasetChoice(request.datasets)
        ).resolve(request.target, on: connection)
        let domains = target.domains + request.selection.filter { !target.domains.contains($0) }
        let facts = try await DomainFacts(
            domains, form: request.form, target: target, level: request.level, splitID: split.id, on: connection)
        return TrainingSetDefinition(
            splitID: split.id, folds: split.folds,
            query: request.query
                ?? SelectionQuery.text(
                    of: request.form, datasets: request.datasets, marks: target.marks ?? request.marks),
            form: request.form, target: target, recipe: request.recipe.recipe, domains: domains, levels: facts.levels,
            rulesets: facts.rulesets,
            missing: request.missing, conflicts: request.conflicts, includesVariants: request.includesVariants,
            weighting: request.weighting, oversampling: request.oversampling,
            trainFolds: trainFolds)
    }

    /// Those that were named, or the one that its name or the lack of others makes it.
    private static func trainFolds(
        _ request: TrainingSetRequest, of folds: [String]
    ) throws(TrainingError) -> [String] {
        guard let text = request.trainFold else {
            return folds.contains("train") ? ["train"] : folds.count == 1 ? folds : []
        }
        do throws(FoldChoice.Problem) {
            return try FoldChoice(parsing: text, among: folds).folds
        } catch {
            throw TrainingError(
                .badOption, "--train-fold \(text)",
                "\(error.reason); split \(request.split) has the folds \(folds.joined(separator: ", "))")
        }
    }

    /// What the marks of its samples are of.
    var convention: MarkConvention {
        MarkConvention(
            targetKind: target.kind, hasSeveralSlices: form.hasSeveralSlices, layout: recipe.layout)
    }

    // MARK: Rows

    /// `training_set.parameters`: only what applies.
    var parameters: JSONValue {
        var targetMembers: [String: JSONValue] = ["kind": .string(target.kind)]
        if !target.domains.isEmpty { targetMembers["domains"] = .strings(target.domains) }
        if let marks = target.marks { targetMembers["marks"] = marks.json }
        targetMembers.merge(convention.members) { _, new in new }
        var members: [String: JSONValue] = ["sample": form.json, "target": .object(targetMembers)]
        if !domains.isEmpty {
            members["labels"] = [
                "domains": .strings(domains), "levels": .object(levels.mapValues(JSONValue.string)),
                "missing": .string(missing.rawValue), "conflicts": .string(conflicts.rawValue),
            ]
            members["rulesets"] = .object(rulesets.mapValues(JSONValue.string))
        }
        if includesVariants { members["variants"] = true }
        if weighting != .none { members["class_weights"] = .string(weighting.rawValue) }
        if oversampling != .none { members["oversample"] = .string(oversampling.text) }
        if weighting != .none || oversampling != .none {
            members["train_fold"] = trainFold.map(JSONValue.string) ?? .null
        }
        return .object(members)
    }

    /// As it was stored; nil where a later program wrote it.
    init?(
        parameters: JSONValue, query: UserQuery, targetKind: String, recipe: SampleRecipe, splitID: Int64,
        folds: [String]
    ) {
        guard let sample = parameters["sample"], let form = SampleForm(json: sample),
            let target = TargetForm(kind: targetKind, json: parameters["target"] ?? .object([:]))
        else { return nil }
        let labels = parameters["labels"]
        func texts(_ value: JSONValue?) -> [String: String] {
            guard case .object(let members)? = value else { return [:] }
            return members.compactMapValues(\.string)
        }
        self.init(
            splitID: splitID, folds: folds, query: query, form: form, target: target, recipe: recipe,
            domains: (labels?["domains"]?.array ?? []).compactMap(\.string), levels: texts(labels?["levels"]),
            rulesets: texts(parameters["rulesets"]),
            missing: labels?["missing"]?.string.flatMap { MissingRule(rawValue: $0) } ?? .drop,
            conflicts: labels?["conflicts"]?.string.flatMap { ConflictRule(rawValue: $0) } ?? .drop,
            includesVariants: parameters["variants"] == true,
            weighting: parameters["class_weights"]?.string.flatMap { ClassWeighting(rawValue: $0) } ?? .none,
            oversampling: parameters["oversample"]?.string.flatMap { Oversampling(parsing: $0) } ?? .none,
            trainFolds: (parameters["train_fold"]?.string ?? "").split(separator: "+").map(String.init))
    }

    /// What makes the targets of its frozen samples today, whether its query still chooses them or not.
    ///
    /// A crop is named by its annotation where it learns what is said of that; else by its centre, since a corrected
    /// file gives its annotations other ids. Nil where there is nothing to learn.
    ///
    /// - Parameter id: Of the set.
    func frozenSamples(ofSet id: Int64) -> TrainingSetDefinition? {
        let columns: String
        switch form {
        case .slice, .context, .image: columns = "slice_id"
        case .volume: columns = "series_id"
        case .crop:
            let isOfAnnotation = target.domains.contains { levels[$0] == "annotation" }
            columns = isOfAnnotation ? "annotation_id" : "series_id, centre_column, centre_row, centre_slice"
        }
        guard target != .none else { return nil }
        // What only selects does not matter, and a label that is gone is another target.
        return TrainingSetDefinition(
            splitID: splitID, folds: folds,
            query: UserQuery("SELECT \(columns) FROM training_sample WHERE training_set_id = \(id)"), form: form,
            target: target, recipe: recipe, domains: target.domains, levels: levels, rulesets: rulesets,
            missing: .null, conflicts: conflicts, includesVariants: includesVariants, weighting: weighting,
            oversampling: oversampling, trainFolds: trainFolds)
    }

    private init(
        splitID: Int64, folds: [String], query: UserQuery, form: SampleForm, target: TargetForm, recipe: SampleRecipe,
        domains: [String], levels: [String: String], rulesets: [String: String], missing: MissingRule,
        conflicts: ConflictRule,
        includesVariants: Bool, weighting: ClassWeighting, oversampling: Oversampling, trainFolds: [String]
    ) {
        self.splitID = splitID
        self.folds = folds
        self.query = query
        self.form = form
        self.target = target
        self.recipe = recipe
        self.domains = domains
        self.levels = levels
        self.rulesets = rulesets
        self.missing = missing
        self.conflicts = conflicts
        self.includesVariants = includesVariants
        self.weighting = weighting
        self.oversampling = oversampling
        self.trainFolds = trainFolds
    }
}

/// A split by name, whoever stored it.
struct SplitFolds: Sendable {
    let id: Int64
    let folds: [String]

    /// **Throws** `notFound`, with the nearest name.
    static func named(_ name: String, on connection: any WarehouseConnection) async throws -> SplitFolds {
        let rows = try await connection.rows("SELECT split_id FROM split WHERE name = \(name)")
        guard let row = rows.first else {
            _ = try await StoredSplit.named(name, on: connection)
            throw TrainingError(.notFound, name, "there is no split of this name")
        }
        let id: Int64 = try row.get(at: 0)
        return SplitFolds(id: id, folds: try await StoredSplit.folds(of: id, on: connection).map(\.name))
    }
}
