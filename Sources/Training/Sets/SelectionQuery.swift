internal import Imaging
internal import Catalogue

/// The query that chooses samples where the user wrote none: every image that a sample can be made of.
///
/// Companions (other renderings) and derived series are left out; conflicting variants fall out later, as they do for
/// queries of users.
enum SelectionQuery {
    static func text(of form: SampleForm, datasets: [String], marks: MarkFilter?) -> UserQuery {
        var conditions = ["series.role = 'image'", "series.companion_of IS NULL", "series.derived_from IS NULL"]
        switch form {
        case .slice: break
        case .image: conditions.append("series.geometry_kind = 'photo'")
        case .context, .volume: conditions.append("series.geometry_kind <> 'photo'")
        case .crop: conditions += [hasPlace, (marks ?? MarkFilter()).condition]
        }
        if !datasets.isEmpty { conditions.append(DatasetChoice(datasets).text) }
        return UserQuery(
            """
            SELECT \(columns(of: form))
            FROM series
            INNER JOIN patient ON patient.patient_id = series.patient_id
            INNER JOIN dataset ON dataset.dataset_id = patient.dataset_id
            \(joins(of: form))WHERE \(conditions.joined(separator: "\n    AND "))
            """)
    }

    /// A crop lies around a centre, or around what is marked (``MaskCentres``).
    private static let hasPlace = """
        (annotation.centre_slice IS NOT NULL OR EXISTS (
            SELECT 1 FROM annotation_mask
            WHERE annotation_mask.patient_id = annotation.patient_id
                AND annotation_mask.annotation_id = annotation.annotation_id
        ))
        """

    private static func columns(of form: SampleForm) -> String {
        switch form {
        case .slice, .context, .image: "slice.slice_id"
        case .volume: "series.series_id"
        case .crop: "annotation.annotation_id"
        }
    }

    private static func joins(of form: SampleForm) -> String {
        switch form {
        case .slice, .context, .image:
            "INNER JOIN slice ON slice.patient_id = series.patient_id AND slice.series_id = series.series_id\n"
        case .volume: ""
        case .crop:
            "INNER JOIN annotation ON annotation.patient_id = series.patient_id "
                + "AND annotation.series_id = series.series_id\n\(MarkFilter.joins)\n"
        }
    }
}
