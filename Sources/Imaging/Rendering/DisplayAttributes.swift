/// What the header of a frame says about how it wants to be shown.
package struct DisplayAttributes: Sendable, Equatable {
    /// (0028,0004); `nil` is taken as MONOCHROME2 or RGB, by the number of samples.
    package var photometricInterpretation: String?
    /// Bits of a sample that carry values; `nil` where it is those of its type.
    package var bitsStored: Int?
    package var rescale: Rescale?
    /// In place of the rescale (PS3.3 C.11.1).
    package var modalityTable: LookupTable?
    /// The first window.
    package var window: WindowLevel?
    package var function: WindowLevel.Function
    /// Goes before the window where both are there (PS3.3 C.11.2.1.1 leaves the choice; pydicom prefers the table too).
    package var voiTable: LookupTable?
    package var palette: ColourPalette?
    /// Stored values outside the image, such as the corners around a CT's circle; they count for no contrast.
    package var padding: ClosedRange<Double>?

    package init(
        photometricInterpretation: String? = nil, bitsStored: Int? = nil, rescale: Rescale? = nil,
        modalityTable: LookupTable? = nil, window: WindowLevel? = nil,
        function: WindowLevel.Function = .linear, voiTable: LookupTable? = nil, palette: ColourPalette? = nil,
        padding: ClosedRange<Double>? = nil
    ) {
        self.photometricInterpretation = photometricInterpretation
        self.bitsStored = bitsStored
        self.rescale = rescale
        self.modalityTable = modalityTable
        self.window = window
        self.function = function
        self.voiTable = voiTable
        self.palette = palette
        self.padding = padding
    }

    package var isInverted: Bool { photometricInterpretation == "MONOCHROME1" }
}
