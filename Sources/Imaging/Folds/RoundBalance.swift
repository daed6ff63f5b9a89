package import CanonicalJSON

/// Class weights and oversampling of a set whose split names no training fold: a function of the folds that a model is
/// trained on, from the counts of each fold that are stored. **Format** docs/formats.md, "Training sets".
package enum RoundBalance {
    /// `training_set.class_weights`: what each fold has, and the weights where it is the one that is held out.
    ///
    /// - Parameter counts: By fold.
    package static func classWeights(_ weighting: ClassWeighting, counts: [String: ClassCounts]) -> JSONValue {
        let rounds = rounds(of: counts) { JSONValue.object(sum(of: $0, counts).weighed(weighting)) }
        return [
            "kind": .string(weighting.rawValue), "fold": .null, "counts": .object(counts.mapValues(\.json)),
            "held_out": .object(rounds),
        ]
    }

    /// `training_set.sampling_plan`: the class of each sample, what each fold has, and how often a class occurs where
    /// the fold is the one that is held out.
    ///
    /// - Parameters:
    ///   - counts: By fold.
    ///   - classes: Of the samples, in order of number.
    package static func samplingPlan(
        _ oversampling: Oversampling, counts: [String: ClassCounts], classes: [String]
    ) -> JSONValue {
        let names = Set(classes).sorted()
        let places = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, $0) })
        let rounds = rounds(of: counts) { JSONValue.object(times(oversampling, sum(of: $0, counts).classes)) }
        let samples = classes.map { JSONValue.integer(places[$0] ?? 0) }
        return [
            "kind": .string(oversampling.text), "fold": .null, "counts": .object(counts.mapValues(\.json)),
            "held_out": .object(rounds),
            "sample_classes": ["names": .strings(names), "samples": .array(samples)],
        ]
    }

    /// Times of each class of stored counts.
    private static func times(_ oversampling: Oversampling, _ counts: [String: Int]) -> [String: JSONValue] {
        let times = oversampling.timesByClass(counts)
        return counts.reduce(into: [:]) { members, entry in
            members[entry.key] = ["count": .integer(entry.value), "times": .integer(times[entry.key] ?? 1)]
        }
    }

    private static func rounds(
        of counts: [String: ClassCounts], _ value: ([String]) -> JSONValue
    ) -> [String: JSONValue] {
        Dictionary(
            uniqueKeysWithValues: counts.keys.map { fold in (fold, value(counts.keys.filter { $0 != fold })) })
    }

    private static func sum(of folds: [String], _ counts: [String: ClassCounts]) -> ClassCounts {
        folds.compactMap { counts[$0] }.reduce(ClassCounts(), +)
    }

    // MARK: As it is read

    /// What `stored` class weights are for a model that is trained on these folds, in the form that a set with a
    /// training fold has; nil where they are not of this kind.
    package static func classWeights(_ stored: JSONValue, trainedOn folds: [String]) -> JSONValue? {
        guard let counts = counts(stored),
            let weighting = stored["kind"]?.string.flatMap({ ClassWeighting(rawValue: $0) })
        else { return nil }
        let head: [String: JSONValue] = [
            "kind": .string(weighting.rawValue), "fold": .string(folds.joined(separator: "+")),
        ]
        return .object(sum(of: folds, counts).weighed(weighting).merging(head) { _, head in head })
    }

    /// How often samples of each class occur for a model that is trained on these folds; nil where `stored` is not of
    /// this kind.
    package static func times(_ stored: JSONValue, trainedOn folds: [String]) -> [String: Int]? {
        guard let counts = counts(stored),
            let oversampling = stored["kind"]?.string.flatMap({ Oversampling(parsing: $0) })
        else { return nil }
        return oversampling.timesByClass(sum(of: folds, counts).classes)
    }

    /// What a `stored` plan is for a model that is trained on these folds, in the form that a set with a training fold
    /// has; nil where it is not of this kind, or does not say the class of a sample.
    ///
    /// - Parameter samples: Numbers of the samples of these folds, ascending.
    package static func samplingPlan(
        _ stored: JSONValue, trainedOn folds: [String], samples: [Int]
    ) -> JSONValue? {
        guard let counts = counts(stored),
            let oversampling = stored["kind"]?.string.flatMap({ Oversampling(parsing: $0) })
        else { return nil }
        let own = sum(of: folds, counts).classes
        let byClass = oversampling.timesByClass(own)
        let names = (stored["sample_classes"]?["names"]?.array ?? []).map { $0.string ?? "" }
        let classes = (stored["sample_classes"]?["samples"]?.array ?? []).map { Int($0.number ?? -1) }
        var repeats: [JSONValue] = []
        for number in samples {
            guard classes.indices.contains(number), names.indices.contains(classes[number]) else { return nil }
            let count = byClass[names[classes[number]]] ?? 1
            if count != 1 { repeats.append([.integer(number), .integer(count)]) }
        }
        return [
            "kind": .string(oversampling.text), "fold": .string(folds.joined(separator: "+")),
            "classes": .object(times(oversampling, own)), "repeats": .array(repeats),
        ]
    }

    private static func counts(_ stored: JSONValue) -> [String: ClassCounts]? {
        stored["counts"]?.object?.mapValues(ClassCounts.init(json:))
    }
}
