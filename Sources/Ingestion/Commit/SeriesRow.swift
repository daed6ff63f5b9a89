internal import Datasets
internal import Imaging
internal import SQLInterface

/// The row of `series` as one write makes it.
struct SeriesRow: Sendable {
    let plan: SeriesPlan
    let identity: SeriesIdentity
    let seriesID: Int64
    let variant: Int
    let revision: Int
    let sliceCount: Int
    let assembly: SeriesAssembly?
    let facts: SeriesFacts
    let companionOf: Int64?
    /// `nil` too where the source is not stored yet.
    let derivedFrom: Int64?
    let conflictOf: Int64?
    let runID: Int64

    static let columns =
        [
            "patient_id", "series_id", "study_id", "series_key", "variant", "series_instance_uid", "role", "modality",
            "conflict_of", "derived_from", "is_trainable",
        ] + attributeColumns

    /// Columns that are written again when the series grows.
    static let attributeColumns = [
        "revision", "geometry_kind", "ordering_rule", "slice_count", "photometric_interpretation",
        "frame_of_reference_uid", "origin_x_mm", "origin_y_mm", "origin_z_mm", "row_direction_x", "row_direction_y",
        "row_direction_z", "column_direction_x", "column_direction_y", "column_direction_z", "slice_direction_x",
        "slice_direction_y", "slice_direction_z", "column_spacing_mm", "row_spacing_mm", "slice_spacing_mm",
        "slice_thickness_mm", "companion_of", "mask_rule", "ingest_run_id",
    ]

    var values: [SQLValue] {
        [
            .integer(identity.patientID), .integer(seriesID), .integer(identity.studyID),
            .text(plan.reference.seriesKey), .integer(Int64(variant)), SQLValue(plan.seriesInstanceUID),
            .text(role.rawValue), SQLValue(plan.modality), SQLValue(conflictOf),
            SQLValue(derivedFrom), .boolean(variant == 0),
        ] + attributes
    }

    var attributes: [SQLValue] {
        [
            .integer(Int64(revision)), SQLValue(assembly?.kind.rawValue), SQLValue(assembly?.rule.rawValue),
            .integer(Int64(sliceCount)), SQLValue(facts.photometricInterpretation), SQLValue(facts.frameOfReferenceUID),
        ] + Self.vector(assembly?.geometry?.origin) + Self.vector(assembly?.geometry?.rowDirection)
            + Self.vector(assembly?.geometry?.columnDirection) + Self.vector(assembly?.geometry?.sliceDirection) + [
                SQLValue(assembly?.geometry?.columnSpacing ?? assembly?.pixelSpacing?.column),
                SQLValue(assembly?.geometry?.rowSpacing ?? assembly?.pixelSpacing?.row),
                SQLValue(assembly?.geometry?.sliceSpacing), SQLValue(facts.sliceThickness), SQLValue(companionOf),
                SQLValue(facts.maskRule), .integer(runID),
            ]
    }

    /// A header without pixels is an object, whatever the plan expected.
    private var role: SeriesRole { assembly == nil ? .object : plan.role }

    static func vector(_ vector: SIMD3<Double>?) -> [SQLValue] {
        guard let vector else { return [.null, .null, .null] }
        return [.real(vector.x), .real(vector.y), .real(vector.z)]
    }
}
