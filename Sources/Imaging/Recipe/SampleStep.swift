/// One step of a sample recipe.
///
/// Geometric steps change image and mask alike; the others change values of the image only.
package enum SampleStep: Sendable, Equatable {
    /// How many slices (nil leaves them), rows and columns.
    package struct Shape: Sendable, Equatable {
        package let slices: Int?
        package let rows: Int
        package let columns: Int
    }

    /// Millimetres between slices (nil leaves them), rows and columns.
    package struct Spacing: Sendable, Equatable {
        package let slices: Double?
        package let rows: Double
        package let columns: Double
    }

    /// Each window makes a channel, from `to.first` at its low end to `to.last` at its high end.
    case window([WindowLevel], function: WindowLevel.Function, to: SampleRecipe.Target)
    case clip(ClosedRange<Double>)
    case scale(from: ClosedRange<Double>, to: SampleRecipe.Target)
    /// Subtracts a mean and divides by a standard deviation; nil takes that of the sample, over all its channels.
    case standardize(mean: Double?, deviation: Double?)
    /// The middle; voxel n / 2 of n becomes voxel m / 2 of m. What is missing is `fill`, or refused where that is nil.
    case crop(Shape, fill: Double?)
    /// Cuts borders in which no channel is greater than the threshold.
    case cropBlackBorders(threshold: Double)
    case resize(Shape, kernel: ResampleKernel)
    /// To this spacing: n voxels become n × old / new, rounded, at least one; the outer edges stay where they are.
    case resample(Spacing, kernel: ResampleKernel)

    /// The name in JSON.
    package var name: String {
        switch self {
        case .window: "window"
        case .clip: "clip"
        case .scale: "scale"
        case .standardize: "standardize"
        case .crop: "crop"
        case .cropBlackBorders: "crop_black_borders"
        case .resize: "resize"
        case .resample: "resample"
        }
    }

    package static let names = [
        "window", "clip", "scale", "standardize", "crop", "crop_black_borders", "resize", "resample",
    ]

    /// Whether the step works on single values and so can be put into a table.
    var isPointwise: Bool {
        switch self {
        case .window, .clip, .scale: true
        case .standardize(let mean, let deviation): mean != nil && deviation != nil
        default: false
        }
    }

    /// Voxels along an axis of what a step makes.
    static let longestSide = 65_536

    var touchesSlices: Bool {
        switch self {
        case .crop(let shape, _), .resize(let shape, _): shape.slices != nil
        case .resample(let spacing, _): spacing.slices != nil
        default: false
        }
    }
}
