/// What can tell two volumes of one series apart; the raw value is stored with the volume.
///
/// The order of the cases is the order in which they are tried.
package enum VolumeTrait: String, Sendable, CaseIterable, Codable, Comparable {
    // Two values are two volumes.
    /// Rows, columns, samples per pixel, pixel type.
    case matrix
    /// Image Orientation (Patient) (0020,0037), of a slice with a plane that of its plane; not where it changes from
    /// slice to slice (radial scans).
    case orientation
    /// Stack ID (0020,9056).
    case stack
    /// Convolution Kernel (0018,1210).
    case kernel

    // Two values are two volumes only where slices lie at one place.
    /// Temporal Position Index (0020,9128) or Identifier (0020,0100).
    case temporalPosition = "temporal_position"
    /// Trigger Time (0018,1060), Nominal Cardiac Trigger Delay Time (0020,9153), Frame Reference Time (0054,1300).
    case time
    /// Frame Acquisition Number (0020,9156) or Acquisition Number (0020,0012).
    case acquisition
    /// Effective Echo Time (0018,9082) or Echo Time (0018,0081).
    case echo
    /// Diffusion b-value (0018,9087).
    case diffusion
    /// Referenced Segment Number (0062,000B).
    case segment
    /// Frame Type (0008,9007) or Image Type (0008,0008): phase beside magnitude, water beside fat.
    case imageType = "image_type"

    /// For sentences.
    package var name: String {
        switch self {
        case .temporalPosition: "temporal position"
        case .echo: "echo time"
        case .diffusion: "b-value"
        case .imageType: "image type"
        default: rawValue
        }
    }

    var splitsAlways: Bool { self <= .kernel }

    package static func < (left: VolumeTrait, right: VolumeTrait) -> Bool { left.place < right.place }

    private var place: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}
