internal import Glibc

/// How a picture differs from another.
package enum PictureComparison {
    /// Root of the mean square of the differences.
    package static func rmse(_ first: [Float], _ second: [Float]) -> Double {
        precondition(first.count == second.count && !first.isEmpty, "the pictures differ in size")
        var sum = 0.0
        for index in first.indices {
            let difference = Double(first[index]) - Double(second[index])
            sum += difference * difference
        }
        return (sum / Double(first.count)).squareRoot()
    }

    /// Peak signal-to-noise ratio in dB; `nil` where nothing differs or there is no range.
    ///
    /// - Parameter range: Greatest minus least value that the data can take.
    package static func psnr(rmse: Double, range: Double) -> Double? {
        rmse > 0 && range > 0 ? 20 * log10(range / rmse) : nil
    }

    /// Pearson's correlation; `nil` where one side is constant.
    package static func correlation(_ first: [Float], _ second: [Float]) -> Double? {
        var sums = CorrelationSums()
        sums.add(first, second)
        return sums.correlation
    }

    /// Mean structural similarity over windows of 7 × 7 (uniform weights, sample covariance).
    ///
    /// Pictures with a side below 7 have none. **Source** Wang et al. 2004; the figure of
    /// `skimage.metrics.structural_similarity` with its defaults.
    package static func ssim(
        _ first: [Float], _ second: [Float], rows: Int, columns: Int, range: Double
    ) -> Double? {
        let side = 7
        guard rows >= side, columns >= side, range > 0 else { return nil }
        var windows = WindowSums(columns: columns, side: side)
        let constants = (0.01 * range * 0.01 * range, 0.03 * range * 0.03 * range)
        var total = 0.0
        for row in 0..<rows {
            windows.add(first, second, row: row)
            if row >= side { windows.remove(first, second, row: row - side) }
            if row >= side - 1 { total += windows.similarity(constants) }
        }
        return total / Double((rows - side + 1) * (columns - side + 1))
    }
}

/// Sums over the rows that a window covers, column by column.
private struct WindowSums {
    private let columns: Int
    private let side: Int
    /// x, y, x², y², xy of each column.
    private var sums: [SIMD8<Double>]

    init(columns: Int, side: Int) {
        self.columns = columns
        self.side = side
        sums = [SIMD8<Double>](repeating: .zero, count: columns)
    }

    private static func terms(_ first: [Float], _ second: [Float], _ index: Int) -> SIMD8<Double> {
        let (x, y) = (Double(first[index]), Double(second[index]))
        return SIMD8(x, y, x * x, y * y, x * y, 0, 0, 0)
    }

    mutating func add(_ first: [Float], _ second: [Float], row: Int) {
        for column in 0..<columns { sums[column] += Self.terms(first, second, row * columns + column) }
    }

    mutating func remove(_ first: [Float], _ second: [Float], row: Int) {
        for column in 0..<columns { sums[column] -= Self.terms(first, second, row * columns + column) }
    }

    /// The sum of the similarities of all windows that end at this row.
    func similarity(_ constants: (Double, Double)) -> Double {
        let count = Double(side * side)
        let scale = count / (count - 1)
        var window = SIMD8<Double>.zero
        var total = 0.0
        for column in 0..<columns {
            window += sums[column]
            if column >= side { window -= sums[column - side] }
            guard column >= side - 1 else { continue }
            let mean = window / count
            let (x, y) = (mean[0], mean[1])
            let (varianceX, varianceY) = (scale * (mean[2] - x * x), scale * (mean[3] - y * y))
            let covariance = scale * (mean[4] - x * y)
            total +=
                (2 * x * y + constants.0) * (2 * covariance + constants.1)
                / ((x * x + y * y + constants.0) * (varianceX + varianceY + constants.1))
        }
        return total
    }
}

/// What Pearson's correlation needs, summed up piece by piece.
package struct CorrelationSums: Sendable {
    private var count = 0.0
    private var x = 0.0
    private var y = 0.0
    private var xx = 0.0
    private var yy = 0.0
    private var xy = 0.0

    package init() {}

    package mutating func add(_ first: [Float], _ second: [Float]) {
        precondition(first.count == second.count, "the pictures differ in size")
        count += Double(first.count)
        for index in first.indices {
            let (a, b) = (Double(first[index]), Double(second[index]))
            x += a
            y += b
            xx += a * a
            yy += b * b
            xy += a * b
        }
    }

    package var correlation: Double? {
        let (varianceX, varianceY) = (count * xx - x * x, count * yy - y * y)
        guard varianceX > 0, varianceY > 0 else { return nil }
        return (count * xy - x * y) / (varianceX.squareRoot() * varianceY.squareRoot())
    }
}
