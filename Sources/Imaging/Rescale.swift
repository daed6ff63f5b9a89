/// The line from stored values to values with a unit (HU for CT): `value = stored * slope + intercept`.
///
/// **Source** DICOM PS3.3 C.7.6.16.2.9 (0028,1053)/(0028,1052); NIfTI `scl_slope`/`scl_inter`. Absence is `nil`, never
/// an invented identity: values without a rescale are not HU.
package struct Rescale: Sendable, Equatable, Codable {
    package let slope: Double
    package let intercept: Double

    package init(slope: Double, intercept: Double) {
        self.slope = slope
        self.intercept = intercept
    }

    package static let identity = Rescale(slope: 1, intercept: 0)

    package func value(ofStored stored: Double) -> Double { stored * slope + intercept }

    /// How far the value may be from the one that was meant.
    ///
    /// Slope and intercept in single precision are each off by up to 2⁻²⁴ of themselves, and both are added: four times
    /// that. A mask of 0 and 255 that was stored by its extremes reads as 254.99999994.
    package func rounding(ofStored stored: Double) -> Double { (abs(slope * stored) + abs(intercept)) * 0x1p-22 }

    /// The stored value that maps to `value`; `nil` where every stored value maps to the intercept.
    package func stored(ofValue value: Double) -> Double? {
        slope == 0 ? nil : (value - intercept) / slope
    }
}

extension PixelBuffer {
    /// All samples in real units, in storage order; stored values where there is no rescale.
    package func values(rescaledBy rescale: Rescale?) -> [Double] {
        guard let rescale else { return doubles() }
        return doubles().map(rescale.value(ofStored:))
    }
}
