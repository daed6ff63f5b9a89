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
    /// The file with the voxels, where `planned.file` is only their header.
    let data: RunPlan.PlannedEntry?
    let dataPath: String?

    /// Source bytes, voxels included.
    var byteCount: Int64 { entry.status.sizeBytes + (data?.status.sizeBytes ?? 0) }

    /// Every file that this read settles.
    var fileCount: Int { data == nil ? 1 : 2 }
}

extension PlannedRead {
    /// The same read as part of another batch.
    func inSeries(_ index: Int) -> PlannedRead {
        PlannedRead(
            series: index, planned: planned, entry: entry, role: role, mask: mask, dataset: dataset, path: path,
            data: data, dataPath: dataPath)
    }
}
