internal import CanonicalJSON
internal import Imaging

/// Class weights and sampling plan of samples, from the counts of the training folds; of each fold where the split does
/// not say which those are, so that nothing of a held-out fold is ever in them.
struct ClassBalance: Sendable {
    let definition: TrainingSetDefinition

    private func isCounted(_ sample: DraftSample) -> Bool { definition.trainFolds.contains(sample.fold) }

    // MARK: Weights

    /// `training_set.class_weights`; nil where none were asked for.
    func classWeights(_ samples: [DraftSample]) -> JSONValue? {
        guard definition.weighting != .none else { return nil }
        guard let fold = definition.trainFold else {
            let byFold = Dictionary(grouping: samples, by: \.fold)
            let counts = definition.folds.map { ($0, classCounts(byFold[$0] ?? [])) }
            return RoundBalance.classWeights(
                definition.weighting, counts: Dictionary(counts, uniquingKeysWith: { first, _ in first }))
        }
        let head: [String: JSONValue] = ["kind": .string(definition.weighting.rawValue), "fold": .string(fold)]
        let weighed = classCounts(samples.filter(isCounted)).weighed(definition.weighting)
        return .object(weighed.merging(head) { _, head in head })
    }

    private func classCounts(_ samples: [DraftSample]) -> ClassCounts {
        switch definition.target {
        case .labels(let domains): ClassCounts(domains: labelCounts(samples, domains))
        case .mask: ClassCounts(classes: voxelCounts(samples))
        case .grade: ClassCounts(classes: sampleCounts(samples))
        case .none, .spheres: ClassCounts()
        }
    }

    private func labelCounts(_ samples: [DraftSample], _ domains: [String]) -> [String: [String: Int]] {
        var byDomain: [String: [String: Int]] = [:]
        for (index, domain) in domains.enumerated() {
            let values = samples.compactMap { sample -> Double? in
                guard case .labels(let values) = sample.classes else { return nil }
                return values[index]
            }
            let positive = values.count { $0 == 1 }
            byDomain[domain] = ["negative": values.count - positive, "positive": positive]
        }
        return byDomain
    }

    private func voxelCounts(_ samples: [DraftSample]) -> [String: Int] {
        var (marked, all) = (0, 0)
        for case .mask(let here, let voxels) in samples.map(\.classes) {
            marked += here
            all += voxels
        }
        return ["background": all - marked, "marked": marked]
    }

    private func sampleCounts(_ samples: [DraftSample]) -> [String: Int] {
        Dictionary(samples.map { ($0.classes.name, 1) }, uniquingKeysWith: +)
    }

    /// Weight of each sample in the loss: of a grade that of its class, else 1. Without training folds it is the stream
    /// that knows them, and weighs.
    func weigh(_ samples: inout [DraftSample], by weights: JSONValue?) {
        guard case .grade = definition.target, let classes = weights?["classes"] else { return }
        for index in samples.indices {
            // A class that the training folds lack is not made heavier or lighter.
            samples[index].weight = classes[samples[index].classes.name]?["weight"]?.number ?? 1
        }
    }

    // MARK: Plan

    /// `training_set.sampling_plan`; nil where none was asked for.
    func samplingPlan(_ samples: [DraftSample]) -> JSONValue? {
        guard definition.oversampling != .none else { return nil }
        guard let fold = definition.trainFold else {
            let byFold = Dictionary(grouping: samples, by: \.fold)
            let counts = definition.folds.map { ($0, ClassCounts(classes: sampleCounts(byFold[$0] ?? []))) }
            return RoundBalance.samplingPlan(
                definition.oversampling, counts: Dictionary(counts, uniquingKeysWith: { first, _ in first }),
                classes: samples.map(\.classes.name))
        }
        let counts = sampleCounts(samples.filter(isCounted))
        let times = definition.oversampling.timesByClass(counts)
        var repeats: [JSONValue] = []
        for (number, sample) in samples.enumerated() where isCounted(sample) {
            let count = times[sample.classes.name] ?? 1
            if count != 1 { repeats.append([.integer(number), .integer(count)]) }
        }
        return [
            "kind": .string(definition.oversampling.text), "fold": .string(fold),
            "classes": .object(
                counts.reduce(into: [:]) { members, entry in
                    members[entry.key] = ["count": .integer(entry.value), "times": .integer(times[entry.key] ?? 1)]
                }),
            "repeats": .array(repeats),
        ]
    }
}
