internal import CanonicalJSON

/// How much a class weighs in the loss.
package enum ClassWeighting: String, Sendable, CaseIterable {
    case none
    /// n / (k × nₖ), as scikit-learn's `balanced`: all classes weigh the same together.
    case balanced
    /// The square root of that.
    case sqrt

    func weight(count: Int, of total: Int, classes: Int) -> Double? {
        guard count > 0 else { return nil }
        let balanced = Double(total) / (Double(classes) * Double(count))
        return self == .sqrt ? balanced.squareRoot() : balanced
    }
}

/// How often samples of a class occur in an epoch.
package enum Oversampling: Sendable, Hashable {
    case none
    /// Each class as often as fits a whole number of times into the largest.
    case balanced
    /// Positive samples this often.
    case times(Int)

    package init?(parsing text: String) {
        switch text {
        case "none": self = .none
        case "balanced": self = .balanced
        default:
            guard let times = Int(text), (2...1_000).contains(times) else { return nil }
            self = .times(times)
        }
    }

    var text: String {
        switch self {
        case .none: "none"
        case .balanced: "balanced"
        case .times(let count): String(count)
        }
    }
}

/// Class weights and sampling plan of samples, from the counts of the training fold.
struct ClassBalance: Sendable {
    let definition: TrainingSetDefinition

    private func isCounted(_ sample: DraftSample) -> Bool {
        definition.trainFold.map { $0 == sample.fold } ?? true
    }

    // MARK: Weights

    /// `training_set.class_weights`; nil where none were asked for.
    func classWeights(_ samples: [DraftSample]) -> JSONValue? {
        guard definition.weighting != .none else { return nil }
        let counted = samples.filter(isCounted)
        var members: [String: JSONValue] = [
            "kind": .string(definition.weighting.rawValue), "fold": definition.trainFold.map(JSONValue.string) ?? .null,
        ]
        switch definition.target {
        case .labels(let domains):
            var byDomain: [String: JSONValue] = [:]
            for (index, domain) in domains.enumerated() {
                let values = counted.compactMap { sample -> Double? in
                    guard case .labels(let values) = sample.classes else { return nil }
                    return values[index]
                }
                let positive = values.count { $0 == 1 }
                byDomain[domain] = entries(["negative": values.count - positive, "positive": positive])
            }
            members["domains"] = .object(byDomain)
        case .mask:
            var (marked, all) = (0, 0)
            for case .mask(let here, let voxels) in counted.map(\.classes) {
                marked += here
                all += voxels
            }
            members["classes"] = entries(["background": all - marked, "marked": marked])
        case .grade: members["classes"] = entries(counts(counted))
        case .none, .spheres: break
        }
        return .object(members)
    }

    private func counts(_ samples: [DraftSample]) -> [String: Int] {
        Dictionary(samples.map { ($0.classes.name, 1) }, uniquingKeysWith: +)
    }

    private func entries(_ counts: [String: Int]) -> JSONValue {
        let total = counts.values.reduce(0, +)
        return .object(
            counts.mapValues { count in
                let weight = definition.weighting.weight(count: count, of: total, classes: counts.count)
                return ["count": .integer(count), "weight": weight.map(JSONValue.number) ?? .null]
            })
    }

    /// Weight of each sample in the loss: of a grade that of its class, else 1.
    func weigh(_ samples: inout [DraftSample], by weights: JSONValue?) {
        guard case .grade = definition.target, let classes = weights?["classes"] else { return }
        for index in samples.indices {
            // A class that the training fold lacks is not made heavier or lighter.
            samples[index].weight = classes[samples[index].classes.name]?["weight"]?.number ?? 1
        }
    }

    // MARK: Plan

    /// `training_set.sampling_plan`; nil where none was asked for.
    func samplingPlan(_ samples: [DraftSample]) -> JSONValue? {
        guard definition.oversampling != .none else { return nil }
        let counts = counts(samples.filter(isCounted))
        let times = times(counts)
        var repeats: [JSONValue] = []
        for (number, sample) in samples.enumerated() where isCounted(sample) {
            let count = times[sample.classes.name] ?? 1
            if count != 1 { repeats.append([.integer(number), .integer(count)]) }
        }
        return [
            "kind": .string(definition.oversampling.text),
            "fold": definition.trainFold.map(JSONValue.string) ?? .null,
            "classes": .object(
                counts.reduce(into: [:]) { members, entry in
                    members[entry.key] = ["count": .integer(entry.value), "times": .integer(times[entry.key] ?? 1)]
                }),
            "repeats": .array(repeats),
        ]
    }

    private func times(_ counts: [String: Int]) -> [String: Int] {
        switch definition.oversampling {
        case .none: return [:]
        case .times(let count): return ["positive": count]
        case .balanced:
            let most = counts.values.max() ?? 0
            // Halves go up; a class of one in a million would otherwise fill the epoch with one sample.
            return counts.mapValues { min(1_000, max(1, (2 * most + $0) / (2 * $0))) }
        }
    }
}
