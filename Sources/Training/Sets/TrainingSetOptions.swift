package import Imaging

/// A training set as typed; ``resolve(recipe:)`` turns it into a request.
package struct TrainingSetOptions: Sendable {
    package var name = ""
    package var split = ""
    package var query: UserQuery?
    package var domains: [String] = []
    package var datasets: [String] = []
    package var sample = "slice"
    package var context = 1
    package var shape: String?
    package var outside = "shift"
    package var target = "none"
    package var marks: String?
    package var level: String?
    package var missing = "drop"
    package var conflicts = "drop"
    package var includesVariants = false
    package var classWeights = "none"
    package var oversample = "none"
    package var trainFold: String?

    package init() {}

    /// **Throws** `badOption`, naming the option.
    package func resolve(recipe: NamedRecipe) throws(TrainingError) -> TrainingSetRequest {
        guard SplitFold.isName(name) else {
            throw TrainingError(
                .badOption, name.isEmpty ? "NAME" : name,
                "a training set is named by up to 64 letters, digits, hyphens and underscores")
        }
        guard let missing = MissingRule(rawValue: missing) else { throw bad("--missing", "drop or null") }
        guard let conflicts = ConflictRule(rawValue: conflicts) else { throw bad("--conflicts", "drop, max or null") }
        guard let weighting = ClassWeighting(rawValue: classWeights) else {
            throw bad("--class-weights", "none, balanced or sqrt")
        }
        guard let oversampling = Oversampling(parsing: oversample) else {
            throw bad("--oversample", "none, balanced, or how often a positive sample occurs, from 2 to 1000")
        }
        let form = try form()
        let target = try targetForm()
        try check(form, target, missing, weighting, oversampling)
        try check(form, target, recipe)
        return TrainingSetRequest(
            name: name, split: split, query: query, selection: Array(Set(domains)).sorted(),
            datasets: datasets.sorted(), form: form, target: target,
            marks: form.kind == "crop"
                ? try marks.map { text throws(TrainingError) in try MarkFilter(parsing: text) } : nil,
            level: level, missing: missing,
            conflicts: conflicts, includesVariants: includesVariants, weighting: weighting,
            oversampling: oversampling, trainFold: trainFold, recipe: recipe)
    }

    private func form() throws(TrainingError) -> SampleForm {
        switch sample {
        case "slice": return .slice
        case "image": return .image
        case "volume": return .volume
        case "context":
            guard (1...64).contains(context) else { throw bad("--context", "neighbours on each side, from 1 to 64") }
            return .context(context)
        case "crop":
            guard let outside = CropPlacement.Outside(rawValue: outside) else { throw bad("--outside", "shift or pad") }
            let sides = (shape ?? "").lowercased().split(separator: "x", omittingEmptySubsequences: false)
                .map { Int($0) ?? 0 }
            guard sides.count == 3, sides.allSatisfy({ (1...4_096).contains($0) }) else {
                throw bad("--shape", "with --sample crop, slices x rows x columns, such as 32x48x48")
            }
            return .crop(.init(slices: sides[0], rows: sides[1], columns: sides[2]), outside: outside)
        default: throw bad("--sample \(sample)", "slice, context, crop, volume or image")
        }
    }

    private func targetForm() throws(TrainingError) -> TargetForm {
        var filter = MarkFilter()
        if let marks { filter = try MarkFilter(parsing: marks) }
        switch target {
        case "none": return .none
        case "mask": return .mask(filter)
        case "spheres": return .spheres(filter)
        case "labels":
            guard !domains.isEmpty else { throw bad("--target labels", "name the domains, each by --domain") }
            guard Set(domains).count == domains.count else { throw bad("--domain", "a domain is named twice") }
            return .labels(domains)
        case "grade":
            guard domains.count == 1, let domain = domains.first else {
                throw bad("--target grade", "name the one domain by --domain")
            }
            return .grade(domain)
        default: throw bad("--target \(target)", "none, mask, labels, grade or spheres")
        }
    }

    /// Options that have no meaning together are refused, never ignored.
    private func check(
        _ form: SampleForm, _ target: TargetForm, _ missing: MissingRule, _ weighting: ClassWeighting,
        _ oversampling: Oversampling
    ) throws(TrainingError) {
        if missing == .null, target.kind != "labels" {
            throw bad("--missing null", "only --target labels can say that a value is not known")
        }
        if marks != nil, target.marks == nil, form.kind != "crop" {
            throw bad("--marks", "it chooses masks, spheres, or the points that crops lie around")
        }
        if shape != nil, form.kind != "crop" { throw bad("--shape", "it belongs to --sample crop") }
        if let level, !form.labelLevels.contains(level) {
            throw bad("--level \(level)", "for this sample it is one of \(form.labelLevels.joined(separator: ", "))")
        }
        if level != nil, domains.isEmpty { throw bad("--level", "it is the level of the labels of --domain") }
        if weighting != .none, target == .none { throw bad("--class-weights", "there are no classes without a target") }
        if case .spheres = target, weighting != .none {
            throw bad("--class-weights", "spheres have no classes")
        }
        if case .grade = target, case .times = oversampling {
            throw bad("--oversample", "grades are not positive or negative; balanced evens them out")
        }
        if oversampling != .none, target == .none { throw bad("--oversample", "there are no classes without a target") }
        if trainFold != nil, weighting == .none, oversampling == .none {
            throw bad("--train-fold", "it says what --class-weights and --oversample are counted in; ask for either")
        }
    }

    /// What a recipe cannot show of marks.
    private func check(_ form: SampleForm, _ target: TargetForm, _ recipe: NamedRecipe) throws(TrainingError) {
        guard target.marks != nil else { return }
        if form == .volume, !recipe.recipe.layout.hasDepth {
            throw bad(
                "--sample volume",
                "layout \(recipe.recipe.layout.rawValue) of recipe \(recipe.name) has slices as channels and one mask for "
                    + "all of them; take a recipe of layout NCDHW or NDHWC, or --sample slice or context")
        }
        let cutsByValues = recipe.recipe.steps.contains { if case .cropBlackBorders = $0 { true } else { false } }
        if case .spheres = target, cutsByValues {
            throw bad(
                "--target spheres",
                "recipe \(recipe.name) has crop_black_borders, which cuts where the values say, so that nobody can tell "
                    + "where a sphere is afterwards; use crop")
        }
    }

    private func bad(_ option: String, _ reason: String) -> TrainingError { TrainingError(.badOption, option, reason) }
}

/// A training set that makes sense in itself; whether it fits the warehouse is seen when it is frozen.
package struct TrainingSetRequest: Sendable {
    package let name: String
    package let split: String
    package let query: UserQuery?
    /// Domains that a sample needs a value of.
    package let selection: [String]
    package let datasets: [String]
    package let form: SampleForm
    package let target: TargetForm
    /// Annotations that crops lie around; `nil` for other samples.
    package let marks: MarkFilter?
    package let level: String?
    package let missing: MissingRule
    package let conflicts: ConflictRule
    package let includesVariants: Bool
    package let weighting: ClassWeighting
    package let oversampling: Oversampling
    /// Folds that weights and plan are computed from, as ``FoldChoice`` reads them; `nil` for `train`, or for all but
    /// the one that is held out where there is none of that name.
    package let trainFold: String?
    package let recipe: NamedRecipe
}
