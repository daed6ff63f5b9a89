internal import Imaging

/// A voxel of a label map: 0 is the background.
struct MaskLabel: Hashable, Sendable {
    let number: UInt16

    /// `nil` where the value is no whole number from 0 to 65,535, but for the rounding of slope and intercept: a mask of
    /// 0 and 255 that was stored by its extremes reads as 254.99999994. Small values stay what they are, so that a map
    /// of 0 to 0.004 is none.
    init?(_ stored: Double, on line: Rescale) {
        let value = line.value(ofStored: stored)
        let whole = value.rounded()
        // Written so that NaN fails.
        guard whole >= 0, whole <= 65_535, abs(value - whole) <= line.rounding(ofStored: stored) else { return nil }
        number = UInt16(whole)
    }
}
