/// Something about a series' slices that a user of the volume should know.
package enum OrderingFinding: Sendable, Equatable {
    /// Slices that lie where an earlier one lies.
    case duplicatePosition(count: Int)
    /// The step after the slice with this index in the order is more than 1.5 times the median one.
    case gap(afterSlice: Int, millimetres: Double)
    /// The steps along the normal differ by more than 5% of the median one.
    case nonUniformSpacing(minimum: Double, maximum: Double)
    /// The line through the slice origins is off the normal: a tilted gantry or a sheared stack.
    case tilt(degrees: Double)
    /// The slice origins do not lie on one line: a slice is so far off it.
    case shift(millimetres: Double)
    /// Slices whose orientation is not the most common one (a localizer among axial slices).
    case mixedOrientation(count: Int)
    /// Slices whose pixel spacing is not the most common one.
    case mixedGrid(count: Int)
    /// The series holds several volumes; `slice_index` goes through one after the other.
    case severalVolumes(count: Int, traits: [VolumeTrait])

    /// A stable name for SQL and counts.
    package var code: String {
        switch self {
        case .duplicatePosition: "duplicate_position"
        case .gap: "slice_gap"
        case .nonUniformSpacing: "non_uniform_spacing"
        case .tilt: "gantry_tilt"
        case .shift: "shifted_slices"
        case .mixedOrientation: "mixed_orientation"
        case .mixedGrid: "mixed_grid"
        case .severalVolumes: "several_volumes"
        }
    }
}
