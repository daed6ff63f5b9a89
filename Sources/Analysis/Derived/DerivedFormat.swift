package import Imaging

/// How the samples of a derived series are stored: DICOM has 8- and 16-bit integers and a line to their unit.
package struct DerivedFormat: Sendable {
    /// One of u8, i8, u16, i16 for each slice.
    package let types: [PixelType]
    /// From stored values to the unit of the matrix, exactly as the file will say it; `nil`: stored values.
    package let rescales: [Rescale?]
    /// What the file says where the matrix holds stored values.
    let fileRescales: [Rescale?]

    /// Slices of 8 or 16 bits keep their type and line, wider integers too where 16 bits hold them; others get 16 bits over
    /// the range of the series.
    package init(_ series: AnalysedSeries, usesRescale: Bool, range: ClosedRange<Double>) {
        let wide = series.slices.contains { $0.type.byteCount > 2 } && !Self.fitsWords(series, usesRescale, range)
        let span = max(range.upperBound - range.lowerBound, 1e-6)
        let slope = DecimalText.rounded(span / 65_000)
        let fitted = Rescale(slope: slope, intercept: DecimalText.rounded(range.lowerBound + 32_500 * slope))
        types = series.slices.map { wide || $0.type.byteCount > 2 ? .i16 : $0.type }
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

    /// Whether all values are integers whose stored form lies in 16 bits, whatever type it has.
    private static func fitsWords(
        _ series: AnalysedSeries, _ usesRescale: Bool, _ range: ClosedRange<Double>
    ) -> Bool {
        series.slices.allSatisfy { slice in
            let line = usesRescale ? slice.rescale ?? .identity : .identity
            return !slice.type.isFloatingPoint && line.slope != 0
                && [range.lowerBound, range.upperBound].allSatisfy {
                    abs(($0 - line.intercept) / line.slope) <= 32_767
                }
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
