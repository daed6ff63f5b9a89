internal import Datasets

/// One file of one planned series, on its way through the pipeline.
struct PlannedRead: Sendable {
    /// Index of the series within its batch.
    let series: Int
    let planned: PlannedFile
    let entry: RunPlan.PlannedEntry
    let role: SeriesRole
    let mask: MaskPlan?
    let dataset: DatasetIdentity
    let path: String
}

extension PlannedRead {
    /// The same read as part of another batch.
    func inSeries(_ index: Int) -> PlannedRead {
        PlannedRead(
            series: index, planned: planned, entry: entry, role: role, mask: mask, dataset: dataset, path: path)
    }
}
