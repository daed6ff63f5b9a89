internal import Imaging
internal import PixelCodec
internal import SQLInterface

/// A slice of a series that is being written: what ordering needs, and its row.
struct SliceRecord: Sendable {
    let sliceID: Int64
    let isNew: Bool
    let candidate: SliceCandidate
    let pixels: PixelDescription
    /// The file says what its stored values mean.
    let hasRescale: Bool
    let mergeKey: String
    /// `nil` for slices that the warehouse holds already.
    let prepared: PreparedSlice?
}

extension PreparedSlice {
    /// Bytes that wait to be loaded.
    var encodedByteCount: Int { tiles.reduce(0) { $0 + $1.bytes.count } }

    /// The slice once its pixels are loaded.
    func withoutTiles() -> PreparedSlice {
        var copy = self
        copy.tiles = []
        return copy
    }

    func pixelRows(patientID: Int64, sliceID: Int64) -> [[SQLValue]] {
        tiles.enumerated().map { index, tile in
            [
                .integer(patientID), .integer(sliceID), .integer(Int64(index)), .integer(Int64(tile.firstRow)),
                .integer(Int64(tile.rowCount)), .text(tile.encoding.rawValue), .blob(tile.bytes),
            ]
        }
    }

    static let pixelColumns = [
        "patient_id", "slice_id", "tile_index", "first_row", "row_count", "encoding", "bytes",
    ]

    /// The row of `slice`.
    func row(patientID: Int64, seriesID: Int64, sliceID: Int64, index: Int, position: Double?) -> [SQLValue] {
        [
            .integer(patientID), .integer(sliceID), .integer(seriesID), .text(sliceKey), .integer(Int64(index)),
            SQLValue(sopInstanceUID), SQLValue(frameNumber), SQLValue(instanceNumber), SQLValue(position),
            .integer(Int64(pixels.rows)), .integer(Int64(pixels.columns)), .integer(Int64(pixels.samplesPerPixel)),
            .text(pixels.type.rawValue), SQLValue(rescale?.slope), SQLValue(rescale?.intercept),
            SQLValue(window?.center), SQLValue(window?.width), finite(statistics.minimum),
            finite(statistics.maximum), finite(statistics.mean), .boolean(statistics.isBlank), .blob(digest.bytes),
        ]
    }

    static let columns = [
        "patient_id", "slice_id", "series_id", "slice_key", "slice_index", "sop_instance_uid", "frame_number",
        "instance_number", "position_mm", "rows", "columns", "samples_per_pixel", "pixel_type", "rescale_slope",
        "rescale_intercept", "window_center", "window_width", "minimum", "maximum", "mean", "is_blank",
        "pixel_digest",
    ]

    /// A frame without a number in it (all NaN) has no minimum, maximum or mean.
    private func finite(_ number: Double) -> SQLValue { number.isFinite ? .real(number) : .null }
}
