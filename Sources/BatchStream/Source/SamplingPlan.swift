internal import CanonicalJSON

/// How often samples occur in an epoch: `training_set.sampling_plan`.
enum SamplingPlan {
    /// One entry per place of the epoch, samples in order; nil without a plan.
    ///
    /// `repeats` of the plan is a list of [sample number, count] for the samples that do not occur once.
    static func repeats(
        of samples: [FoldSample], set: TrainingSetInfo
    ) throws(StreamError) -> [(sample: Int32, occurrence: Int32)]? {
        guard let plan = set.samplingPlan else { return nil }
        guard let list = plan["repeats"]?.array else {
            throw .unusable(set.title, "its sampling plan has a form that this version does not know")
        }
        var counts: [Int: Double] = [:]
        for entry in list {
            guard let pair = entry.array?.compactMap(\.number), pair.count == 2 else { continue }
            counts[Int(pair[0])] = pair[1]
        }
        var places: [(sample: Int32, occurrence: Int32)] = []
        for (index, sample) in samples.enumerated() {
            let count = counts[sample.number] ?? 1
            guard count >= 0, count == count.rounded(), count <= 65_536 else {
                throw .unusable(set.title, "its sampling plan repeats a sample \(count) times")
            }
            for occurrence in 0..<Int32(count) { places.append((Int32(index), occurrence)) }
        }
        return places
    }
}
