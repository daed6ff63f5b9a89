internal import CanonicalJSON
internal import Warehouse

/// A training set with everything that is stored of it.
struct FrozenSet: Sendable {
    let name: String
    let version: Int
    let definition: TrainingSetDefinition
    let samples: [DraftSample]
    let classWeights: JSONValue?
    let samplingPlan: JSONValue?
    let digest: [UInt8]

    var id: Int64 { Self.id(name: name, version: version) }

    static func id(name: String, version: Int) -> Int64 {
        ContentKey("training_set", .text(name), .integer(Int64(version))).id()
    }

    init(
        _ definition: TrainingSetDefinition, samples drafts: [DraftSample], recipe: [UInt8], name: String, version: Int
    ) {
        self.name = name
        self.version = version
        self.definition = definition
        let balance = ClassBalance(definition: definition)
        let weights = balance.classWeights(drafts)
        var samples = drafts
        balance.weigh(&samples, by: weights)
        classWeights = weights
        samplingPlan = balance.samplingPlan(samples)
        self.samples = samples
        var digest = TrainingSetDigest(
            query: definition.query.text, parameters: definition.parameters, recipe: recipe,
            classWeights: weights, samplingPlan: samplingPlan)
        for sample in samples { digest.add(sample.digestLine) }
        self.digest = digest.finish()
    }
}
