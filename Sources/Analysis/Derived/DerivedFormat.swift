package import Imaging

/// How the samples of a derived series are stored: DICOM has 8- and 16-bit integers and a line to their unit.
package struct DerivedFormat: Sendable {
    /// One of u8, i8, u16, i16 for each slice.
    package let types: [PixelType]
    /// From stored values to the unit of the matrix, exactly as the file will say it; `nil`: stored values.
    package let rescales: [Rescale?]
    /// What the file says where the matrix holds stored values.
    let fileRescales: [Rescale?]

    /// Slices of 8 or 16 bits keep their type and line; wider ones get 16 bits over the range of the series.
    package init(_ series: AnalysedSeries, usesRescale: Bool, range: ClosedRange<Double>) {
        let wide = series.slices.contains { $0.type.byteCount > 2 }
        let span = max(range.upperBound - range.lowerBound, 1e-6)
        let slope = DecimalText.rounded(span / 65_000)
        let fitted = Rescale(slope: slope, intercept: DecimalText.rounded(range.lowerBound + 32_500 * slope))
        types = series.slices.map { wide ? .i16 : $0.type }
        let own = series.slices.map { slice in
            slice.rescale.map {
                Rescale(slope: DecimalText.rounded($0.slope), intercept: DecimalText.rounded($0.intercept))
            }
        }
        if wide {
            rescales = own.map { _ in fitted }
            fileRescales = rescales
        } else {
            rescales = usesRescale ? own : own.map { _ in nil }
            fileRescales = own
        }
    }

    package func makeStore(
        rows: Int, columns: Int, inMemory: Bool, environment: [String: String]
    ) throws -> SampleStore {
        try SampleStore(
            rows: rows, columns: columns, types: types, rescales: rescales, inMemory: inMemory,
            environment: environment)
    }
}
