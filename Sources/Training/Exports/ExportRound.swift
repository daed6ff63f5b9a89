internal import CanonicalJSON
internal import Imaging
internal import SQLInterface
internal import Warehouse

/// Whose class weights and plan an export tells: those of its set, or of one round of a cross-validation.
///
/// **Format** docs/formats.md, "Exports".
struct ExportRound: Sendable {
    /// Folds that are held out; nil where none was named.
    let heldOut: [String]?
    /// Folds that weights and plan are of; nil where there are none, or the set has them for each round.
    let trainedOn: [String]?
    private let classWeights: JSONValue?
    private let samplingPlan: JSONValue?
    /// Of grades by class, where they are not the frozen ones.
    private let weights: [String: Double]?
    /// By sample number; the others come once.
    private let repeats: [Int: Int]

    /// - Parameter heldOut: Folds as ``StoredTrainingSet/chosenFolds(_:option:)`` reads them, all others being trained
    ///   on; nil for what the set holds.
    /// **Throws** `notFound` for a fold that the split does not have; `badOption` where no fold is left to train on, or
    /// the set has training folds of its own that are others; `unsuitable` where an earlier version balanced the set
    /// over all folds.
    static func resolve(
        _ heldOut: String?, of set: StoredTrainingSet, on connection: any WarehouseConnection
    ) async throws -> ExportRound {
        guard let heldOut else {
            return ExportRound(
                heldOut: nil, trainedOn: set.trainingFolds, classWeights: set.classWeights,
                samplingPlan: set.samplingPlan, weights: nil)
        }
        let held = try set.chosenFolds(heldOut, option: "--held-out")
        let folds = set.folds.filter { !held.contains($0) }
        try check(folds, trainedOnFor: heldOut, of: set)
        let isOfSet = set.trainingFolds != nil
        let weights = try isOfSet ? set.classWeights : weightsOfRound(set, trainedOn: folds)
        let plan = try await isOfSet ? set.samplingPlan : planOfRound(set, trainedOn: folds, on: connection)
        let isWeighed = !isOfSet && set.targetKind == "grade"
        return ExportRound(
            heldOut: held, trainedOn: folds, classWeights: weights, samplingPlan: plan,
            weights: isWeighed ? weights.map { weightsByClass($0) } : nil)
    }

    private init(
        heldOut: [String]?, trainedOn: [String]?, classWeights: JSONValue?, samplingPlan: JSONValue?,
        weights: [String: Double]?
    ) {
        self.heldOut = heldOut
        self.trainedOn = trainedOn
        self.classWeights = classWeights
        self.samplingPlan = samplingPlan
        self.weights = weights
        repeats = samplingPlan.map { Self.timesByNumber($0) } ?? [:]
    }

    // MARK: What is told

    /// The sample with its weight in the round. A class that the training folds lack is not made heavier or lighter.
    func weighed(_ sample: FrozenSample) -> FrozenSample {
        guard let weights else { return sample }
        return sample.weighing(weights[sample.target?.text ?? ""] ?? 1)
    }

    /// How often an epoch of training has the sample.
    func times(_ sample: FrozenSample) -> Int { repeats[sample.number] ?? 1 }

    /// Members of the manifest.
    var members: [String: JSONValue] {
        [
            "held_out": heldOut.map(JSONValue.strings) ?? .null,
            "trained_on": trainedOn.map(JSONValue.strings) ?? .null,
            "class_weights": classWeights ?? .null, "sampling_plan": samplingPlan ?? .null,
        ]
    }

    /// A plan of no fold is that of an earlier version, which repeats samples of held-out folds too.
    private static func timesByNumber(_ plan: JSONValue) -> [Int: Int] {
        guard plan["fold"]?.string != nil else { return [:] }
        var times: [Int: Int] = [:]
        for entry in plan["repeats"]?.array ?? [] {
            guard let pair = entry.array?.compactMap(\.number), pair.count == 2 else { continue }
            times[Int(pair[0])] = Int(pair[1])
        }
        return times
    }

    private static func weightsByClass(_ classWeights: JSONValue) -> [String: Double] {
        (classWeights["classes"]?.object ?? [:]).compactMapValues { $0["weight"]?.number }
    }

    // MARK: What a round has

    private static func check(
        _ folds: [String], trainedOnFor heldOut: String, of set: StoredTrainingSet
    ) throws(TrainingError) {
        guard !folds.isEmpty else {
            throw TrainingError(
                .badOption, "--held-out \(heldOut)",
                "no fold is left to train on; \(set.reference) has the folds \(set.folds.joined(separator: ", "))")
        }
        guard let own = set.trainingFolds, Set(own) != Set(folds) else { return }
        throw TrainingError(
            .badOption, "--held-out \(heldOut)",
            "class weights and plan of \(set.reference) are of \(own.joined(separator: "+")), which it was balanced "
                + "for when it was frozen; create a set of a k-fold split without --train-fold")
    }

    private static func weightsOfRound(
        _ set: StoredTrainingSet, trainedOn folds: [String]
    ) throws(TrainingError) -> JSONValue? {
        guard let stored = set.classWeights else { return nil }
        guard let weights = RoundBalance.classWeights(stored, trainedOn: folds) else {
            throw ofAllFolds("class weights are", set)
        }
        return weights
    }

    private static func planOfRound(
        _ set: StoredTrainingSet, trainedOn folds: [String], on connection: any WarehouseConnection
    ) async throws -> JSONValue? {
        guard let stored = set.samplingPlan else { return nil }
        let rows = try await connection.rows(
            """
            SELECT sample_number FROM training_sample
            WHERE training_set_id = \(set.id) AND fold IN \(list: folds) ORDER BY sample_number
            """)
        let samples = try rows.map { try $0.get(at: 0, as: Int.self) }
        guard let plan = RoundBalance.samplingPlan(stored, trainedOn: folds, samples: samples) else {
            throw ofAllFolds("sampling plan is", set)
        }
        return plan
    }

    private static func ofAllFolds(_ what: String, _ set: StoredTrainingSet) -> TrainingError {
        TrainingError(
            .unsuitable, set.reference,
            "its \(what) of all folds, held-out ones too, as earlier versions made it; create a new version")
    }
}
