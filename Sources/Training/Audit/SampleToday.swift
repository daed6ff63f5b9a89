/// What a sample would be if its set were frozen today.
struct SampleToday: Sendable {
    let pixelDigest: [UInt8]
    /// Nil where there is nothing to learn.
    let target: TargetIdentity?
    /// What earlier versions would have frozen, where that may differ.
    let earlier: TargetIdentity?

    init(_ draft: DraftSample) {
        pixelDigest = draft.pixelDigest
        target = draft.target?.identity
        earlier = draft.target?.earlier
    }
}
