/// What a series is in space; the raw value is `series.geometry_kind`.
package enum GeometryKind: String, Sendable, CaseIterable, Codable {
    /// Parallel, evenly spaced slices of one grid: it has an affine.
    case volume
    /// Ordered slices without an even grid (gaps, mixed orientations, no positions).
    case stack
    /// Pictures without an order in space.
    case photo
}
