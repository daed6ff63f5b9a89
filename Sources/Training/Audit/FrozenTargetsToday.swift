/// What frozen samples would teach today, whether their query still chooses them or not.
struct FrozenTargetsToday: Sendable {
    private var bySite: [SampleKey.Site: SampleToday] = [:]
    private var byAnnotation: [Int64: SampleToday] = [:]

    /// - Parameter result: Of ``TrainingSetDefinition/frozenSamples(ofSet:)``, which names crops by annotation or by site.
    init(_ result: TrainingSetAssembly.Result) {
        for draft in result.samples {
            if let annotation = draft.annotationID {
                byAnnotation[annotation] = SampleToday(draft)
            } else {
                bySite[draft.key.site] = SampleToday(draft)
            }
        }
    }

    /// - Parameter key: Of the frozen sample.
    subscript(key: SampleKey) -> SampleToday? { key.annotationID.flatMap { byAnnotation[$0] } ?? bySite[key.site] }
}
