internal import Glibc

/// The part of the value range that a picture shows.
///
/// **Units** those of the rescaled values (HU for CT).
package struct WindowLevel: Sendable, Equatable, Codable {
    package let center: Double
    package let width: Double

    /// **Throws** `invalidWindow` unless the centre is finite and the width positive and finite.
    package init(center: Double, width: Double) throws(ImagingError) {
        guard center.isFinite, width.isFinite, width > 0 else {
            throw .invalidWindow(reason: "the centre must be finite and the width positive")
        }
        self.center = center
        self.width = width
    }

    /// How values inside the window become grey levels; the raw value is that of VOI LUT Function (0028,1056).
    package enum Function: String, Sendable, CaseIterable, Codable {
        /// DICOM PS3.3 C.11.2.1.2.1, where the width counts integer values.
        case linear = "LINEAR"
        /// DICOM PS3.3 C.11.2.1.3.2: `y = (x - (center - width / 2)) * 255 / width`.
        case linearExact = "LINEAR_EXACT"
        /// DICOM PS3.3 C.11.2.1.3.1.
        case sigmoid = "SIGMOID"
    }

    /// How a grey level between two integers becomes one.
    package enum Rounding: String, Sendable, CaseIterable, Codable {
        /// Towards zero, as a cast to an integer does in the pipelines whose pictures we reproduce.
        case truncate
        /// To the nearest, ties to even, as NumPy's `rint`.
        case halfToEven = "half_to_even"
    }

    /// Renders a grey frame to eight bits.
    ///
    /// **Shape** `[rows][columns]`; several samples per pixel are windowed one by one.
    /// **Range** 0...255; NaN becomes 0. `inverted` turns the finished picture over (MONOCHROME1) once.
    /// **Source** `linearExact` with `truncate` at 40/120: -20 gives 0, -19 gives 2, 0 gives 42, 40 gives 127.
    package func render8Bit(
        _ buffer: PixelBuffer, rescale: Rescale? = nil, function: Function = .linearExact,
        rounding: Rounding = .truncate, inverted: Bool = false
    ) -> [UInt8] {
        buffer.mapSamples(
            WindowTransfer(
                window: self, rescale: rescale ?? .identity, function: function, rounding: rounding,
                inverted: inverted))
    }
}

private struct WindowTransfer: SampleTransfer {
    let window: WindowLevel
    let rescale: Rescale
    let function: WindowLevel.Function
    let rounding: WindowLevel.Rounding
    let inverted: Bool

    func byte(ofStored stored: Double) -> UInt8 {
        let level = grey(rescale.value(ofStored: stored))
        guard level > 0 else { return inverted ? 255 : 0 }
        let rounded = rounding == .truncate ? level : level.rounded(.toNearestOrEven)
        let byte = UInt8(min(rounded, 255))
        return inverted ? 255 - byte : byte
    }

    /// The grey level before clamping to 0...255.
    private func grey(_ value: Double) -> Double {
        let center = window.center
        let width = window.width
        switch function {
        case .linearExact:
            return (value - (center - width / 2)) * 255 / width
        case .linear:
            // y = ((x - (c - 0.5)) / (w - 1) + 0.5) * 255 between the ends; a width of 1 or less is a step.
            let halfSpan = max(width - 1, 0) / 2
            if value <= center - 0.5 - halfSpan { return 0 }
            if value > center - 0.5 + halfSpan { return 255 }
            return ((value - (center - 0.5)) / (width - 1) + 0.5) * 255
        case .sigmoid:
            return 255 / (1 + exp(-4 * (value - center) / width))
        }
    }
}
