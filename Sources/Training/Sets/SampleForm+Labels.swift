internal import Imaging

extension SampleForm {
    /// Levels whose labels can say something of a sample, the nearest first.
    var labelLevels: [String] {
        switch self {
        case .slice, .context, .image: ["slice", "series", "study", "patient"]
        case .crop: ["annotation", "series", "study", "patient"]
        case .volume: ["series", "study", "patient", "slice"]
        }
    }
}
