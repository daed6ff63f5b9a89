internal import SQLInterface

/// The statements of the stream, the same for both engines.
///
/// They stand here and not in `sql/`, since the Python package carries the library alone.
enum StreamStatements {
    /// A version of 0 is the latest.
    static func trainingSet(name: String, version: Int64) -> SQL {
        """
        SELECT t.training_set_id, t.version, t.sample_kind, t.target_kind, CAST(t.parameters AS text),
            CAST(t.sampling_plan AS text), CAST(t.class_weights AS text), t.sample_count, t.digest,
            t.invalidation_reason, r.canonical_json, t.split_id
        FROM training_set AS t JOIN recipe AS r ON r.recipe_id = t.recipe_id
        WHERE t.name = \(name) AND (t.version = \(version) OR \(version) = 0)
        ORDER BY t.version DESC LIMIT 1
        """
    }

    /// Folds of the split, with the samples that they have; perhaps none.
    static func folds(set: Int64) -> SQL {
        """
        SELECT f.fold, count(s.sample_number) FROM training_set AS t
        JOIN split_fold AS f ON f.split_id = t.split_id
        LEFT JOIN training_sample AS s ON s.training_set_id = t.training_set_id AND s.fold = f.fold
        WHERE t.training_set_id = \(set) GROUP BY f.fold ORDER BY f.fold
        """
    }

    static func samples(set: Int64, folds: [String]) -> SQL {
        """
        SELECT s.sample_number, s.weight, CAST(s.target AS text), s.centre_column, s.centre_row, s.slice_id,
            e.slice_spacing_mm, e.row_spacing_mm, e.column_spacing_mm, s.target_digest, s.fold,
            s.series_id, s.pixel_digest
        FROM training_sample AS s
        JOIN series AS e ON e.patient_id = s.patient_id AND e.series_id = s.series_id
        WHERE s.training_set_id = \(set) AND s.fold IN \(list: folds) ORDER BY s.sample_number
        """
    }

    /// Centre and slice of a sample, and the grid of its series.
    static func place(set: Int64, number: Int64) -> SQL {
        """
        SELECT s.centre_column, s.centre_row, s.centre_slice, c.slice_index, e.slice_count,
            (SELECT MAX(d.rows) FROM slice AS d WHERE d.patient_id = e.patient_id AND d.series_id = e.series_id),
            (SELECT MAX(d.columns) FROM slice AS d WHERE d.patient_id = e.patient_id AND d.series_id = e.series_id),
            e.origin_x_mm, e.origin_y_mm, e.origin_z_mm, e.row_direction_x, e.row_direction_y, e.row_direction_z,
            e.column_direction_x, e.column_direction_y, e.column_direction_z, e.slice_direction_x,
            e.slice_direction_y, e.slice_direction_z, e.column_spacing_mm, e.row_spacing_mm, e.slice_spacing_mm
        FROM training_sample AS s
        JOIN series AS e ON e.patient_id = s.patient_id AND e.series_id = s.series_id
        LEFT JOIN slice AS c ON c.patient_id = s.patient_id AND c.slice_id = s.slice_id
        WHERE s.training_set_id = \(set) AND s.sample_number = \(number)
        """
    }

    /// Where the slices of a sample lie in its series, in order; none for samples that are one slice.
    static func sliceIndices(set: Int64, number: Int64) -> SQL {
        """
        SELECT c.slice_index FROM training_sample_slice AS t
        JOIN slice AS c ON c.patient_id = t.patient_id AND c.slice_id = t.slice_id
        WHERE t.training_set_id = \(set) AND t.sample_number = \(number) ORDER BY t.slice_ordinal
        """
    }

    private static func sliceColumns(_ isUnwrapped: Bool) -> SQL {
        """
        c.patient_id, c.slice_id, c.rows, c.columns, c.samples_per_pixel, c.pixel_type, c.rescale_slope,
            c.rescale_intercept, \(sql: isUnwrapped ? twelveBits : "CAST(NULL AS bigint)"), c.slice_index
        """
    }

    /// 12 where that is Bits Stored: of the series, or where that differs of the slice.
    private static let twelveBits: SQL = """
        CASE
            WHEN EXISTS (
                SELECT 1 FROM header_value AS b
                WHERE b.patient_id = c.patient_id AND b.series_id = c.series_id AND b.path = '00280101'
                    AND b.value = '12'
            ) OR EXISTS (
                SELECT 1 FROM header_slice_value AS b
                WHERE b.path = '00280101' AND b.patient_id = c.patient_id AND b.slice_id = c.slice_id
                    AND b.value = '12'
            ) THEN CAST(12 AS bigint)
        END
        """

    /// Of samples that are one slice.
    ///
    /// - Parameter isUnwrapped: the recipe asks for the bits stored.
    static func slices(set: Int64, folds: [String], isUnwrapped: Bool) -> SQL {
        """
        SELECT s.sample_number, \(sql: sliceColumns(isUnwrapped)), c.pixel_digest = s.pixel_digest
        FROM training_sample AS s JOIN slice AS c ON c.patient_id = s.patient_id AND c.slice_id = s.slice_id
        WHERE s.training_set_id = \(set) AND s.fold IN \(list: folds) ORDER BY s.sample_number
        """
    }

    /// Of samples of several slices.
    static func sliceLists(set: Int64, folds: [String], isUnwrapped: Bool) -> SQL {
        """
        SELECT s.sample_number, \(sql: sliceColumns(isUnwrapped)), c.pixel_digest = t.pixel_digest, t.pixel_digest
        FROM training_sample AS s
        JOIN training_sample_slice AS t
            ON t.training_set_id = s.training_set_id AND t.sample_number = s.sample_number
        JOIN slice AS c ON c.patient_id = t.patient_id AND c.slice_id = t.slice_id
        WHERE s.training_set_id = \(set) AND s.fold IN \(list: folds) ORDER BY s.sample_number, t.slice_ordinal
        """
    }

    /// All marks on the slices of folds; the targets of the samples name those that are meant.
    static func marks(set: Int64, folds: [String], isList: Bool) -> SQL {
        let slices: SQL =
            isList
            ? """
            SELECT t.patient_id, t.slice_id FROM training_sample AS s
            JOIN training_sample_slice AS t
                ON t.training_set_id = s.training_set_id AND t.sample_number = s.sample_number
            WHERE s.training_set_id = \(set) AND s.fold IN \(list: folds)
            """
            : """
            SELECT s.patient_id, s.slice_id FROM training_sample AS s
            WHERE s.training_set_id = \(set) AND s.fold IN \(list: folds)
            """
        return """
            SELECT m.patient_id, m.slice_id, m.annotation_id, c.rows, c.columns, m.rle
            FROM (SELECT DISTINCT patient_id, slice_id FROM (\(sql: slices)) AS every_slice) AS w
            JOIN slice AS c ON c.patient_id = w.patient_id AND c.slice_id = w.slice_id
            JOIN annotation_mask AS m ON m.patient_id = w.patient_id AND m.slice_id = w.slice_id
            ORDER BY m.annotation_id
            """
    }
}
