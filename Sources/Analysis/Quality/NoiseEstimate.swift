/// The noise of a picture, from its finest diagonal detail.
///
/// σ = median |d| / 0.6745 over the diagonal detail of one step of the Daubechies wavelet with two vanishing moments,
/// exact zeros left out (padding has no noise). White noise of any picture smooth between edges gives its standard
/// deviation; noise that was smoothed or interpolated reads lower.
/// **Source** Donoho, Johnstone: Ideal spatial adaptation by wavelet shrinkage (1994); the figure of
/// `skimage.restoration.estimate_sigma`.
package enum NoiseEstimate {
    /// The four taps of the decomposition's high-pass filter.
    private static let taps: [Double] = [
        -0.48296291314469025, 0.836516303737469, -0.22414386804185735, -0.12940952255092145,
    ]

    /// - Parameter picture: `[rows][columns]`, row-major.
    package static func sigma(_ picture: [Float], rows: Int, columns: Int) -> Double {
        sigma(ofDetail: diagonalDetail(picture, rows: rows, columns: columns), of: picture)
    }

    /// The same over the brighter part of the picture, which leaves the air around a patient out: scanners clip it, and
    /// half of its noise is then gone.
    ///
    /// Brighter is what lies above a tenth of the way from the least value to the 99th percentile. Where less than a
    /// fiftieth of the picture does, all of it counts.
    package static func foregroundSigma(_ picture: [Float], rows: Int, columns: Int) -> Double {
        let detail = diagonalDetail(picture, rows: rows, columns: columns)
        var values = picture
        let least = picture.min() ?? 0
        let bright = OrderStatistics.value(at: values.count - 1 - values.count / 100, of: &values)
        let limit = least + 0.1 * (bright - least)
        let (width, height) = ((columns + 3) / 2, (rows + 3) / 2)
        var foreground: [Double] = []
        for row in 1..<max(1, height - 1) {
            for column in 1..<max(1, width - 1) {
                // The four corners of the pixels that the coefficient is made of.
                let (top, left) = (max(0, 2 * row - 2), max(0, 2 * column - 2))
                let (bottom, right) = (min(rows - 1, 2 * row + 1), min(columns - 1, 2 * column + 1))
                let darkest = min(
                    picture[top * columns + left], picture[top * columns + right], picture[bottom * columns + left],
                    picture[bottom * columns + right])
                if darkest > limit { foreground.append(detail[row * width + column]) }
            }
        }
        return sigma(ofDetail: foreground.count * 50 < detail.count ? detail : foreground, of: picture)
    }

    private static func sigma(ofDetail detail: [Double], of picture: [Float]) -> Double {
        var magnitudes = detail.compactMap { $0 == 0 ? nil : abs($0) }
        guard !magnitudes.isEmpty else { return 0 }
        let sigma = OrderStatistics.median(&magnitudes) / 0.6744897501960817
        // The taps cancel on a flat region up to rounding, which is no noise.
        let greatest = picture.reduce(0) { max($0, abs($1)) }
        return sigma > 1e-12 * Double(greatest) ? sigma : 0
    }

    /// High-pass along rows, then along columns, every second coefficient; borders mirrored (half-sample symmetric).
    private static func diagonalDetail(_ picture: [Float], rows: Int, columns: Int) -> [Double] {
        let width = (columns + 3) / 2
        var along = [Double](repeating: 0, count: rows * width)
        for row in 0..<rows {
            for index in 0..<width {
                var sum = 0.0
                for (tap, weight) in taps.enumerated() {
                    sum += weight * Double(picture[row * columns + mirrored(2 * index + 1 - tap, columns)])
                }
                along[row * width + index] = sum
            }
        }
        let height = (rows + 3) / 2
        var detail = [Double](repeating: 0, count: height * width)
        for index in 0..<height {
            for (tap, weight) in taps.enumerated() {
                let source = mirrored(2 * index + 1 - tap, rows) * width
                for column in 0..<width { detail[index * width + column] += weight * along[source + column] }
            }
        }
        return detail
    }

    private static func mirrored(_ index: Int, _ count: Int) -> Int {
        var index = index
        while index < 0 || index >= count { index = index < 0 ? -1 - index : 2 * count - 1 - index }
        return index
    }
}
