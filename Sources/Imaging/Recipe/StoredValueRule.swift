/// What a stored value stands for before the first step of a recipe.
struct StoredValueRule: Hashable {
    private let slope: Double
    private let intercept: Double
    private let isWrapped: Bool

    init(_ values: SampleRecipe.Values, _ frame: SampleFrame) {
        let rescale = values == .stored ? .identity : frame.rescale ?? .identity
        slope = rescale.slope
        intercept = rescale.intercept
        isWrapped =
            values == .unwrapped && frame.type == .u16 && frame.bitsStored == 12 && frame.rescale != nil
            && intercept > Self.greatestIntercept
    }

    /// Scanners whose values of 12 bits have wrapped leave out the intercept, so that air has no number.
    private static let greatestIntercept = -100.0

    /// `(stored + 1000) mod 4096 * slope - 1000` where the slice has values of 12 bits that wrapped, which unsigned
    /// ones with Bits Stored 12 and an intercept above -100 are taken for; the rescaled value elsewhere.
    ///
    /// **Source** the defect of RSNA 2019, as its public kernels repair it.
    func value(ofStored stored: Double) -> Double {
        guard isWrapped, stored < 4_096 else { return stored * slope + intercept }
        let shifted = stored + 1_000
        return (shifted < 4_096 ? shifted : shifted - 4_096) * slope - 1_000
    }
}
