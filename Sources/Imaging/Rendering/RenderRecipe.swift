/// How stored values become a picture of 8 or 16 bits: everything that decides it, and nothing else.
///
/// The 8-bit recipes for grey pictures work on modality values (rescale or modality LUT applied), round to the nearest
/// level, ties to even, and turn MONOCHROME1 over once, at the end. `minmax0` and `lossless16` work on stored values and
/// turn nothing over. Pixel Padding counts for no range or percentile, unless less than two values are left without it
/// (PS3.3 C.7.5.1.1.2). Colour is not windowed: 8-bit samples are copied, wider ones scaled from their full range.
package enum RenderRecipe: Sendable, Equatable {
    /// Over which samples an extreme or a percentile is taken.
    package enum Scope: String, Sendable, CaseIterable, Codable {
        case frame, series
    }

    /// A window that was chosen by name and not by the header.
    package struct Window: Sendable, Equatable {
        package let level: WindowLevel
        /// `nil` takes the VOI LUT function of the header, LINEAR where it has none.
        package let function: WindowLevel.Function?

        package init(level: WindowLevel, function: WindowLevel.Function? = nil) {
            self.level = level
            self.function = function
        }
    }

    /// The VOI LUT of the header, else its first window, else (8-bit pictures without rescale) the values as they are,
    /// else the range of the frame; or the window given. **Source** DICOM PS3.3 C.11.2.1.
    case window(Window?)
    /// From the lower to the upper percentile (nearest rank) of the frame or of the whole series.
    case percentile(lower: Double, upper: Double, scope: Scope)
    /// From the least to the greatest value: `(v - min) * 255 / (max - min)`.
    case minmax(scope: Scope)
    /// `max(v, 0) / max * 255` truncated, over the stored values of the frame: the idiom of many notebooks,
    /// `np.uint8(np.maximum(a, 0) / a.max() * 255.0)`. A frame without a positive value is black.
    case minmax0
    /// Stored values in 16 bits, exactly: `stored = grey - offset`, the offset being stated with each picture.
    case lossless16

    /// The name on the command line and in JSON.
    package var name: String {
        switch self {
        case .window: "window"
        case .percentile: "percentile"
        case .minmax: "minmax"
        case .minmax0: "minmax0"
        case .lossless16: "png16"
        }
    }

    package static let names = ["window", "percentile", "minmax", "minmax0", "png16"]

    /// What a picture needs to know about the series besides its own frame.
    package var scope: Scope {
        switch self {
        case .percentile(_, _, let scope), .minmax(let scope): scope
        case .window, .minmax0, .lossless16: .frame
        }
    }
}
