/// What frozen samples would teach today, whether their query still chooses them or not.
struct FrozenTargetsToday: Sendable {
    enum Outcome: Sendable {
        case sample(SampleToday)
        case targetless(TrainingSetAssembly.Targetless)
    }

    private var bySite: [SampleKey.Site: Outcome] = [:]
    private var byAnnotation: [Int64: Outcome] = [:]

    /// - Parameter result: Of ``TrainingSetDefinition/frozenSamples(ofSet:)``, which names crops by annotation or by
    ///   site.
    init(_ result: TrainingSetAssembly.Result) {
        for draft in result.samples { add(.sample(SampleToday(draft)), of: draft.key) }
        for targetless in result.targetless { add(.targetless(targetless), of: targetless.key) }
    }

    private mutating func add(_ outcome: Outcome, of key: SampleKey) {
        if let annotation = key.annotationID {
            byAnnotation[annotation] = outcome
        } else {
            bySite[key.site] = outcome
        }
    }

    /// - Parameter key: Of the frozen sample.
    subscript(key: SampleKey) -> Outcome? { key.annotationID.flatMap { byAnnotation[$0] } ?? bySite[key.site] }
}
