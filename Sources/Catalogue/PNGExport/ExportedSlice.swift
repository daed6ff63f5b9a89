internal import Imaging
internal import SQLInterface

/// What an export knows of a slice before it reads its pixels.
struct ExportedSlice: Sendable {
    let patientID: Int64
    let seriesID: Int64
    let sliceID: Int64
    let studyID: Int64
    let sliceIndex: Int
    let frameNumber: Int?
    var photometricInterpretation: String?
    let rescale: Rescale?
    let window: WindowLevel?
    let digest: [UInt8]
    let dataset: String
    let datasetVersion: String
    /// Names of patients, files and folders are public.
    let isPublic: Bool
    /// Path below its root of the file that the slice came from; only where that is public.
    let sourcePath: String?
    let sourceRoot: String?
    /// The file at that path still holds the bytes that the slice was read from.
    let sourceIsCurrent: Bool
    /// The file holds more frames than this one.
    let isOneOfMany: Bool
    let sampleCount: Int

    static let columns: SQL = """
        slice.patient_id, slice.series_id, slice.slice_id, series.study_id, slice.slice_index, slice.frame_number,
        series.photometric_interpretation, slice.rescale_slope, slice.rescale_intercept, slice.window_center,
        slice.window_width, slice.pixel_digest, dataset.name AS dataset_name, dataset.version AS dataset_version,
        dataset.patient_key_kind,
        (
            SELECT source_file.relative_path FROM slice_source
            JOIN source_file ON source_file.source_file_id = slice_source.source_file_id
            WHERE slice_source.patient_id = slice.patient_id AND slice_source.slice_id = slice.slice_id
            ORDER BY source_file.root, source_file.relative_path LIMIT 1
        ) AS source_path,
        (
            SELECT max(slice_source.frame_number) FROM slice_source
            WHERE slice_source.patient_id = slice.patient_id AND slice_source.slice_id = slice.slice_id
        ) AS source_frame,
        CASE WHEN EXISTS (
            SELECT 1 FROM slice_source
            JOIN slice_source AS other ON other.source_file_id = slice_source.source_file_id
            WHERE slice_source.patient_id = slice.patient_id AND slice_source.slice_id = slice.slice_id
                AND other.frame_number > 1
        ) THEN 1 ELSE 0 END AS is_one_of_many,
        (
            SELECT source_file.root FROM slice_source
            JOIN source_file ON source_file.source_file_id = slice_source.source_file_id
            WHERE slice_source.patient_id = slice.patient_id AND slice_source.slice_id = slice.slice_id
            ORDER BY source_file.root, source_file.relative_path LIMIT 1
        ) AS source_root,
        CASE WHEN EXISTS (
            SELECT 1 FROM slice_source
            JOIN source_file ON source_file.source_file_id = slice_source.source_file_id
            WHERE slice_source.patient_id = slice.patient_id AND slice_source.slice_id = slice.slice_id
                AND COALESCE(slice_source.sha256 = source_file.sha256, 1 = 1)
        ) THEN 1 ELSE 0 END AS source_is_current,
        slice.rows * slice.columns * slice.samples_per_pixel AS sample_count
        """

    init(_ row: Row) throws {
        patientID = try row.get("patient_id")
        seriesID = try row.get("series_id")
        sliceID = try row.get("slice_id")
        studyID = try row.get("study_id")
        sliceIndex = try row.get("slice_index")
        let frame: Int? = try row.get("frame_number")
        let sourceFrame: Int? = try row.get("source_frame")
        frameNumber = frame ?? sourceFrame
        photometricInterpretation = try row.get("photometric_interpretation")
        let slope: Double? = try row.get("rescale_slope")
        let intercept: Double? = try row.get("rescale_intercept")
        rescale = slope.flatMap { slope in intercept.map { Rescale(slope: slope, intercept: $0) } }
        let center: Double? = try row.get("window_center")
        let width: Double? = try row.get("window_width")
        window = center.flatMap { center in width.flatMap { try? WindowLevel(center: center, width: $0) } }
        digest = try row.get("pixel_digest")
        dataset = try row.get("dataset_name")
        datasetVersion = try row.get("dataset_version")
        isPublic = try row.get("patient_key_kind", as: String.self) == "research"
        sourcePath = isPublic ? try row.get("source_path") : nil
        sourceRoot = isPublic ? try row.get("source_root") : nil
        sourceIsCurrent = try row.get("source_is_current", as: Int.self) == 1
        isOneOfMany = try row.get("is_one_of_many", as: Int.self) == 1
        sampleCount = try row.get("sample_count")
    }
}
