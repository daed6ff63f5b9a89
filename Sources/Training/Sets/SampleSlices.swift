internal import Imaging

/// The slices of one sample, and where they lie in their series.
struct SampleSlices: Sendable {
    /// In order; beyond the ends of the volume the last one repeats.
    let slices: [SeriesSlices.Slice]
    /// The slice that names the sample; nil for a volume.
    let middle: SeriesSlices.Slice?
    /// Its index in the series.
    let middleIndex: Int
    /// Index of the first slice in the series; outside the volume where the sample reaches beyond it.
    let firstIndex: Int
    /// Of the stored slices.
    let rows: Int
    let columns: Int
    /// What is taken of each.
    let region: SampleRegion

    /// A sample that is one slice.
    init(_ candidate: SampleCandidate) {
        let slice = candidate.sliceID.map { SeriesSlices.Slice(id: $0, digest: candidate.pixelDigest) }
        slices = slice.map { [$0] } ?? []
        middle = slice
        middleIndex = candidate.sliceIndex ?? 0
        firstIndex = middleIndex
        rows = candidate.rows
        columns = candidate.columns
        region = SampleRegion(firstRow: 0, firstColumn: 0, rows: rows, columns: columns)
    }

    /// - Parameters:
    ///   - size: Of each slice.
    ///   - region: Nil for whole slices.
    init(
        _ stack: SeriesSlices.Stack, _ indices: Range<Int>, in volume: Range<Int>, middle: Int?,
        size: SeriesSlices.Size, region: SampleRegion? = nil
    ) {
        slices = indices.map { stack.slices[min(max($0, volume.lowerBound), volume.upperBound - 1)] }
        self.middle = middle.map { stack.slices[$0] }
        middleIndex = middle ?? 0
        firstIndex = indices.lowerBound
        rows = size.rows
        columns = size.columns
        self.region = region ?? SampleRegion(firstRow: 0, firstColumn: 0, rows: size.rows, columns: size.columns)
    }
}
