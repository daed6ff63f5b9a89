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
        let (first, second) = (first.map(Double.init), second.map(Double.init))
        let sums = [
            first, second, squares(first, first), squares(second, second), squares(first, second),
        ].map { WindowSums.of($0, rows: rows, columns: columns, side: side) }
        let count = Double(side * side)
        let (c1, c2) = ((0.01 * range) * (0.01 * range), (0.03 * range) * (0.03 * range))
        var total = 0.0
        for index in sums[0].indices {
            let (x, y) = (sums[0][index] / count, sums[1][index] / count)
            let scale = count / (count - 1)
            let varianceX = scale * (sums[2][index] / count - x * x)
            let varianceY = scale * (sums[3][index] / count - y * y)
            let covariance = scale * (sums[4][index] / count - x * y)
            total +=
                (2 * x * y + c1) * (2 * covariance + c2)
                / ((x * x + y * y + c1) * (varianceX + varianceY + c2))
        }
        return total / Double(sums[0].count)
    }

    private static func squares(_ first: [Double], _ second: [Double]) -> [Double] {
        first.indices.map { first[$0] * second[$0] }
    }
}

/// Sums over all windows that lie wholly inside a picture.
private enum WindowSums {
    static func of(_ values: [Double], rows: Int, columns: Int, side: Int) -> [Double] {
        let (width, height) = (columns - side + 1, rows - side + 1)
        var along = [Double](repeating: 0, count: rows * width)
        for row in 0..<rows {
            var sum = 0.0
            for column in 0..<columns {
                sum += values[row * columns + column]
                if column >= side { sum -= values[row * columns + column - side] }
                if column >= side - 1 { along[row * width + column - side + 1] = sum }
            }
        }
        var result = [Double](repeating: 0, count: height * width)
        var running = [Double](repeating: 0, count: width)
        for row in 0..<rows {
            for column in 0..<width {
                running[column] += along[row * width + column]
                if row >= side { running[column] -= along[(row - side) * width + column] }
                if row >= side - 1 { result[(row - side + 1) * width + column] = running[column] }
            }
        }
        return result
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
