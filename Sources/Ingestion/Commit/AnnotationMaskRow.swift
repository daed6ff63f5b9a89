internal import Imaging
internal import SQLInterface

/// A row of `annotation_mask`.
struct AnnotationMaskRow: Sendable {
    let patientID: Int64
    let annotationID: Int64
    /// The slice of the image.
    let sliceID: Int64
    /// The slice of the mask series; `nil` where the mark came with the image.
    let maskSliceID: Int64?
    let marked: MarkedRegion
    let box: PixelBox

    static let columns = [
        "patient_id", "annotation_id", "slice_id", "mask_slice_id", "rle", "voxel_count", "first_row", "last_row",
        "first_column", "last_column", "threshold", "level_count",
    ]

    var values: [SQLValue] {
        [
            .integer(patientID), .integer(annotationID), .integer(sliceID), SQLValue(maskSliceID),
            .blob(marked.mask.bytes), .integer(Int64(marked.mask.voxelCount)), .integer(Int64(box.minimumRow)),
            .integer(Int64(box.maximumRow)), .integer(Int64(box.minimumColumn)), .integer(Int64(box.maximumColumn)),
            marked.threshold.map(SQLValue.real) ?? .null, marked.levelCount.map { .integer(Int64($0)) } ?? .null,
        ]
    }
}
