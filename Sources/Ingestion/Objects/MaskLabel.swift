/// A voxel of a label map: 0 is the background.
struct MaskLabel: Hashable, Sendable {
    let number: UInt16

    /// Scaled values miss their whole number by the rounding of the slope: a mask of 0 and 255 stored by its extremes
    /// reads as 254.99999994. In single precision 65,535 lies up to 0.004 beside itself.
    private static let tolerance = 0.005

    /// `nil` where the value is no whole number from 0 to 65,535.
    init?(_ value: Double) {
        let whole = value.rounded()
        // Written so that NaN fails.
        guard whole >= 0, whole <= 65_535, abs(value - whole) <= Self.tolerance else { return nil }
        number = UInt16(whole)
    }
}
