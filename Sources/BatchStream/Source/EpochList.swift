package import CanonicalJSON
package import Imaging

/// The places of an epoch: each sample as often as the plan of the set has it, and with its weight.
///
/// Repeated and weighed is by the folds that a model is trained on, and repeated only in those: a held-out fold is read
/// as it is. Which they are the set says that was frozen with a training fold; for one of a k-fold split whoever reads.
package struct EpochList: Sendable {
    let table: FoldTable
    /// The folds that weights and plan are of.
    package let trainedOn: [String]
    /// As the set holds them, or those of the folds that are trained on.
    package let classWeights: JSONValue?
    /// Index and occurrence of each place, where samples repeat; nil where each comes once.
    private let repeats: [(sample: Int32, occurrence: Int32)]?
    /// Of each sample, where they are not the frozen ones.
    private let weights: [Float]?

    /// - Parameters:
    ///   - trainedOn: The folds that a model is trained on; nil for those of the set, else `train`, else those that are
    ///     read together, else, of one fold, all the others.
    ///   - repeats: Whether the plan applies.
    /// **Throws** `invalidPlan` where the set has training folds of its own, `unusableSet` for a plan of another form.
    package init(
        _ table: FoldTable, read choice: FoldChoice, trainedOn chosen: FoldChoice?, repeats isRepeating: Bool
    ) throws(StreamError) {
        let set = table.info
        self.table = table
        if let own = set.trainingFolds {
            guard chosen == nil || Set(own) == chosen.map({ Set($0.folds) }) else {
                throw .invalidPlan(
                    "trained_on", "\(own.joined(separator: "+")), which the set was balanced for when it was frozen")
            }
            trainedOn = own
        } else {
            trainedOn = chosen?.folds ?? Self.folds(trainedOnFor: choice, of: set)
        }
        let folds = trainedOn
        let derived = set.classWeights.flatMap { RoundBalance.classWeights($0, trainedOn: folds) }
        classWeights = derived ?? set.classWeights
        weights = derived.flatMap { Self.weights(of: table, by: $0) }
        repeats = try isRepeating ? Self.repeats(of: table, trainedOn: folds) : nil
    }

    /// Those that are trained on where nobody says so.
    private static func folds(trainedOnFor choice: FoldChoice, of set: TrainingSetInfo) -> [String] {
        let names = set.folds.map(\.name)
        if names.contains("train") { return ["train"] }
        return choice.isTrainingPart || names.count == 1
            ? choice.folds : names.filter { !choice.folds.contains($0) }
    }

    /// Places of an epoch.
    package var count: Int { repeats?.count ?? table.samples.count }

    /// The sample and its occurrence at an index.
    func place(_ index: Int) -> (sample: Int, occurrence: Int) {
        guard let repeats else { return (index, 0) }
        return (Int(repeats[index].sample), Int(repeats[index].occurrence))
    }

    func weight(ofSample index: Int) -> Float { weights?[index] ?? table.samples[index].weight }

    /// Of grades; a class that the training folds lack is not made heavier or lighter.
    private static func weights(of table: FoldTable, by classWeights: JSONValue) -> [Float]? {
        guard table.info.targetKind == .grade else { return nil }
        let byClass = (classWeights["classes"]?.object ?? [:]).compactMapValues { $0["weight"]?.number }
        return table.classNames.map { Float(byClass[$0] ?? 1) }
    }

    // MARK: Repeats

    /// One entry per place of the epoch, samples in order; nil without a plan.
    private static func repeats(
        of table: FoldTable, trainedOn folds: [String]
    ) throws(StreamError) -> [(sample: Int32, occurrence: Int32)]? {
        guard let plan = table.info.samplingPlan else { return nil }
        let times = try times(plan, of: table, trainedOn: folds)
        var places: [(sample: Int32, occurrence: Int32)] = []
        for (index, sample) in table.samples.enumerated() {
            let count = times(sample)
            guard count >= 0, count == count.rounded(), count <= 65_536 else {
                throw .unusable(table.info.title, "its sampling plan repeats a sample \(count) times")
            }
            for occurrence in 0..<Int32(count) { places.append((Int32(index), occurrence)) }
        }
        return places
    }

    /// How often a sample occurs.
    private static func times(
        _ plan: JSONValue, of table: FoldTable, trainedOn folds: [String]
    ) throws(StreamError) -> (FoldSample) -> Double {
        let title = table.info.title
        if let byClass = RoundBalance.times(plan, trainedOn: folds) {
            let isTrained = table.folds.map { folds.contains($0) }
            let names = (plan["sample_classes"]?["names"]?.array ?? []).map { $0.string ?? "" }
            let ofClass = names.map { Double(byClass[$0] ?? 1) }
            let classes = (plan["sample_classes"]?["samples"]?.array ?? []).map { Int($0.number ?? -1) }
            guard classes.count == table.info.sampleCount, classes.allSatisfy({ ofClass.indices.contains($0) }) else {
                throw .unusable(title, "its sampling plan does not say the class of each sample")
            }
            return { isTrained[$0.fold] ? ofClass[classes[$0.number]] : 1 }
        }
        guard let list = plan["repeats"]?.array else {
            throw .unusable(title, "its sampling plan has a form that this version does not know")
        }
        guard plan["fold"] != .null else {
            throw .unusable(
                title,
                "its sampling plan is of all folds, held-out ones too, as earlier versions made it; create a new "
                    + "version, or read it with oversample=False")
        }
        // [sample number, count] of the samples that do not occur once.
        var counts: [Int: Double] = [:]
        for entry in list {
            guard let pair = entry.array?.compactMap(\.number), pair.count == 2 else { continue }
            counts[Int(pair[0])] = pair[1]
        }
        return { counts[$0.number] ?? 1 }
    }
}
