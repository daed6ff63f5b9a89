/// What a sample would be if its set were frozen today.
struct SampleToday: Sendable {
    let pixelDigest: [UInt8]
    /// Nil where there is nothing to learn.
    let targetDigest: [UInt8]?
    /// What earlier versions would have frozen, where that may differ.
    let earlierDigest: [UInt8]?

    init(_ draft: DraftSample) {
        pixelDigest = draft.pixelDigest
        targetDigest = draft.target?.digest
        earlierDigest = draft.target?.earlierDigest
    }
}
