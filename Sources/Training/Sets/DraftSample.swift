internal import CanonicalJSON
internal import SQLInterface

/// A sample that is ready to be numbered and stored.
struct DraftSample: Sendable {
    let patientID: Int64
    let seriesID: Int64
    let sliceID: Int64?
    let annotationID: Int64?
    let centre: VoxelPoint?
    let fold: String
    let pixelDigest: [UInt8]
    /// Slices of samples of several, in order.
    let slices: [SeriesSlices.Slice]
    let target: SampleTarget?
    let classes: SampleClasses
    var weight = 1.0

    /// The order of sample numbers: patient, series, slice, annotation, then centre; absent ids first.
    static func precedes(_ left: DraftSample, _ right: DraftSample) -> Bool {
        let one = (left.patientID, left.seriesID, left.sliceID ?? -1, left.annotationID ?? -1)
        let other = (right.patientID, right.seriesID, right.sliceID ?? -1, right.annotationID ?? -1)
        if one != other { return one < other }
        guard let here = left.centre, let there = right.centre else { return false }
        return (here.slice, here.row, here.column) < (there.slice, there.row, there.column)
    }

    var key: SampleKey {
        SampleKey(
            site: SampleKey.Site(seriesID: seriesID, sliceID: sliceID, centre: centre), annotationID: annotationID)
    }

    /// What the digest of the set is taken over.
    var digestLine: TrainingSetDigest.Line {
        TrainingSetDigest.Line(
            fold: fold, patientID: patientID, seriesID: seriesID, sliceID: sliceID, annotationID: annotationID,
            centre: (centre?.column, centre?.row, centre?.slice), pixelDigest: pixelDigest,
            targetDigest: target?.digest, weight: weight)
    }
}

/// What a sample counts as when classes are weighed.
enum SampleClasses: Sendable, Hashable {
    case none
    /// 0, 1 or nothing for each domain.
    case labels([Double?])
    case grade(Double)
    /// Marked voxels, and voxels in all.
    case mask(marked: Int, all: Int)
    case spheres(count: Int)

    /// Class of the sample as a whole, as plans and tables name it.
    var name: String {
        switch self {
        case .none: "all"
        case .labels(let values): values.contains(1) ? "positive" : "negative"
        case .grade(let value): JSONValue.ecmaScript(value)
        case .mask(let marked, _): marked > 0 ? "positive" : "negative"
        case .spheres(let count): count > 0 ? "positive" : "negative"
        }
    }
}
