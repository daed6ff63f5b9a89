/// What decided the order of a series' slices; the raw value is stored with the series.
package enum OrderingRule: String, Sendable, CaseIterable, Codable {
    /// Projection of Image Position on the slice normal.
    case imagePosition = "image_position"
    case sliceLocation = "slice_location"
    case instanceNumber = "instance_number"
    /// Natural order of the file names: 2 before 10.
    case fileName = "file_name"
    /// The order in the file (NIfTI, MetaImage, frames without positions).
    case storage = "storage"
}
