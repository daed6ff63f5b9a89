/// One stored slice, or a band of its rows, lent to the renderer for the time of one call.
///
/// **Shape** `[rows][columns][samplesPerPixel]`, little-endian, C order.
@safe package struct SampleFrame {
    package let bytes: UnsafeRawBufferPointer
    package let type: PixelType
    package let rows: Int
    package let columns: Int
    package let samplesPerPixel: Int
    package let rescale: Rescale?
    /// Bits Stored (0028,0101); `nil` where the source does not say, or no recipe asks.
    package let bitsStored: Int?
    /// Of the band within its slice; 0 for a whole slice.
    package let firstRow: Int

    /// Who calls keeps the bytes where they are until the renderer returns. They must be aligned to their type.
    package init(
        bytes: UnsafeRawBufferPointer, type: PixelType, rows: Int, columns: Int, samplesPerPixel: Int,
        rescale: Rescale?, bitsStored: Int? = nil, firstRow: Int = 0
    ) {
        precondition(bytes.count == rows * columns * samplesPerPixel * type.byteCount, "the samples fill the shape")
        unsafe self.bytes = bytes
        self.type = type
        self.rows = rows
        self.columns = columns
        self.samplesPerPixel = samplesPerPixel
        self.rescale = rescale
        self.bitsStored = bitsStored
        self.firstRow = firstRow
    }
}

/// A rectangle of a slice. What lies outside repeats the nearest row and column.
package struct SampleRegion: Sendable, Equatable {
    package let firstRow: Int
    package let firstColumn: Int
    package let rows: Int
    package let columns: Int

    package init(firstRow: Int, firstColumn: Int, rows: Int, columns: Int) {
        self.firstRow = firstRow
        self.firstColumn = firstColumn
        self.rows = rows
        self.columns = columns
    }
}

/// The size of what a recipe is given, before its first step.
package struct SampleExtent: Sendable, Hashable {
    package var slices: Int
    package var rows: Int
    package var columns: Int
    package var samplesPerPixel: Int
    /// Millimetres; nil where unknown, and 0 between slices where only that is.
    package var spacing: SIMD3<Double>?

    /// - Parameter spacing: Between slices, rows and columns, mm; see ``SeriesSpacing/spacing(of:)``.
    package init(slices: Int, rows: Int, columns: Int, samplesPerPixel: Int = 1, spacing: SIMD3<Double>? = nil) {
        self.slices = slices
        self.rows = rows
        self.columns = columns
        self.samplesPerPixel = samplesPerPixel
        self.spacing = spacing
    }
}

/// The size of what a recipe makes of one sample.
package struct SampleShape: Sendable, Hashable {
    /// Windows × colours, and slices where the layout has no D.
    package let channels: Int
    package let slices: Int
    package let rows: Int
    package let columns: Int
    package let layout: SampleRecipe.Layout
    package let dtype: SampleRecipe.DType
    package let maskDType: SampleRecipe.Mask.DType

    /// Where there is no sample: all sides are 0.
    package static func empty(of recipe: SampleRecipe) -> SampleShape {
        SampleShape(
            channels: 0, slices: 0, rows: 0, columns: 0, layout: recipe.layout, dtype: recipe.dtype,
            maskDType: recipe.mask.dtype)
    }

    /// What to do about samples of several shapes, by the colours of two of them.
    package static func remedy(samplesPerPixel one: Int, _ other: Int) -> String {
        one == other
            ? "let the recipe resize or crop them"
            : "some are in colour and others grey, which no step of a recipe changes; choose those of one kind by "
                + "--query"
    }

    /// Of one sample, without the N.
    package var dimensions: [Int] { Self.dimensions(channels, slices, rows, columns, layout) }
    /// The mask has one channel; without a D it is that of one slice.
    package var maskDimensions: [Int] { Self.dimensions(1, slices, rows, columns, layout) }
    package var byteCount: Int { channels * slices * rows * columns * dtype.byteCount }
    package var maskByteCount: Int { slices * rows * columns * maskDType.byteCount }

    private static func dimensions(
        _ channels: Int, _ slices: Int, _ rows: Int, _ columns: Int, _ layout: SampleRecipe.Layout
    ) -> [Int] {
        switch layout {
        case .nchw: [channels, rows, columns]
        case .nhwc: [rows, columns, channels]
        case .ncdhw: [channels, slices, rows, columns]
        case .ndhwc: [slices, rows, columns, channels]
        }
    }
}
