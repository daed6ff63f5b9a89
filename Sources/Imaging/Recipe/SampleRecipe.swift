/// How stored values become what a model sees: everything that decides the bytes of a sample, and nothing else.
///
/// Steps run in order. Values are doubles within a run of value steps and float32 between geometric ones; the last value
/// is rounded to float32 and from there to `dtype` (integers: to the nearest, ties to even, clamped to their range).
package struct SampleRecipe: Sendable, Equatable {
    /// What the first step gets.
    package enum Values: String, Sendable, CaseIterable {
        /// `stored * slope + intercept` where the slice has a rescale (HU for CT), else stored values.
        case rescaled
        /// As `rescaled`, with wrapped values of 12 bits turned back, see ``StoredValueRule``. Who renders has to say
        /// how many bits are stored.
        case unwrapped
        case stored
    }

    package enum DType: String, Sendable, CaseIterable {
        case uint8, int16, float16, float32

        package var byteCount: Int {
            switch self {
            case .uint8: 1
            case .int16, .float16: 2
            case .float32: 4
            }
        }
    }

    /// The axes of a batch. Without a D, slices and colours are channels: channel (slice × samples + sample) × windows +
    /// window; with it, (sample × windows + window).
    package enum Layout: String, Sendable, CaseIterable {
        case nchw = "NCHW"
        case nhwc = "NHWC"
        case ncdhw = "NCDHW"
        case ndhwc = "NDHWC"

        package var hasDepth: Bool { self == .ncdhw || self == .ndhwc }
        var isChannelsLast: Bool { self == .nhwc || self == .ndhwc }
    }

    /// The values at the two ends of a window or scale; the first may be the greater.
    package struct Target: Sendable, Equatable {
        package let first: Double
        package let last: Double
    }

    /// How a mask is made: always two values, 0 and `value`.
    package struct Mask: Sendable, Equatable {
        package enum DType: String, Sendable, CaseIterable {
            case uint8, int64, float32

            package var byteCount: Int {
                switch self {
                case .uint8: 1
                case .int64: 8
                case .float32: 4
                }
            }
        }

        package enum Rule: Sendable, Equatable {
            /// The nearest voxel of the source.
            case nearest
            /// Marked where at least this share of the new voxel's area or volume was.
            case coverage(Double)
        }

        package var dtype = DType.uint8
        package var value = 1
        package var rule = Rule.nearest
    }

    package let values: Values
    package let steps: [SampleStep]
    package let dtype: DType
    package let layout: Layout
    package let mask: Mask
    /// Nil for a recipe that never changes a sample.
    package let augment: SampleAugmentation?

    /// **Throws** `invalidRecipe` for steps that cannot follow each other.
    package init(
        values: Values = .rescaled, steps: [SampleStep], dtype: DType = .float32, layout: Layout = .nchw,
        mask: Mask = Mask(), augment: SampleAugmentation? = nil
    ) throws(ImagingError) {
        self.values = values
        self.steps = steps
        self.dtype = dtype
        self.layout = layout
        self.mask = mask
        self.augment = augment
        try checkOrder()
    }

    /// Channels that a grey slice becomes.
    package var windowCount: Int {
        for case .window(let windows, _, _) in steps { return windows.count }
        return 1
    }

    /// Whether what it makes depends on how far slices are from each other.
    package var resamplesSlices: Bool {
        steps.contains { if case .resample(let spacing, _) = $0 { spacing.slices != nil } else { false } }
    }

    private func checkOrder() throws(ImagingError) {
        var windowSteps = 0
        var isOpen = false
        for step in steps {
            switch step {
            case .window: windowSteps += 1
            case .cropBlackBorders: isOpen = true
            case .resize, .crop: isOpen = false
            default: break
            }
            if step.touchesSlices, !layout.hasDepth {
                throw .invalidRecipe(
                    reason: "step \(step.name) changes the number of slices, which layout \(layout.rawValue) has as "
                        + "channels; give rows and columns only, or choose NCDHW or NDHWC")
            }
        }
        guard windowSteps <= 1 else {
            throw .invalidRecipe(reason: "it has \(windowSteps) window steps; name all windows in one")
        }
        guard !isOpen else {
            throw .invalidRecipe(
                reason: "crop_black_borders leaves pictures of many sizes; put resize or crop behind it")
        }
    }
}
