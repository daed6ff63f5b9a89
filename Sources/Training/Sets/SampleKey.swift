/// What identifies a sample from one freezing to the next.
struct SampleKey: Sendable, Hashable {
    /// Where a sample lies, whatever the annotation there is called: a corrected file gives its annotations other ids.
    struct Site: Sendable, Hashable {
        let seriesID: Int64
        /// Nil for a volume.
        let sliceID: Int64?
        /// Of a crop.
        let centre: VoxelPoint?
    }

    let site: Site
    /// That a crop is around.
    let annotationID: Int64?
}
