import TestSupport
import Testing

@testable import Analysis

/// Against scikit-image (Tests/analysis-oracle).
@Suite(.enabled(if: AnalysisOracle.isThere, "\(AnalysisOracle.isMissing)"))
struct PictureMeasuresTests {
    @Test func `noise, similarity and peak signal-to-noise ratio are scikit-image's`() throws {
        let oracle = try AnalysisOracle.shared.get()
        let table = try oracle.table("pictures")
        #expect(table.count == 3)
        for cells in table {
            let numbers = cells.compactMap(Double.init)
            let (rows, columns) = (Int(numbers[0]), Int(numbers[1]))
            let (first, second) = (try oracle.floats(cells[0] + ".x"), try oracle.floats(cells[0] + ".y"))
            let noise = NoiseEstimate.sigma(first, rows: rows, columns: columns)
            #expect(abs(noise / numbers[2] - 1) < 1e-5, "\(cells[0])")
            let ssim = try #require(
                PictureComparison.ssim(first, second, rows: rows, columns: columns, range: 2_500))
            #expect(abs(ssim - numbers[3]) < 1e-6, "\(cells[0])")
            let psnr = try #require(
                PictureComparison.psnr(rmse: PictureComparison.rmse(first, second), range: 2_500))
            #expect(abs(psnr - numbers[4]) < 1e-6, "\(cells[0])")
        }
    }
}

@Suite struct PictureComparisonTests {
    @Test func `noise of the foreground is not thinned out by clipped air`() {
        let phantom = PhantomVolume(rows: 128, columns: 128, slices: 2) { _, _ in 20 }
        let clipped = phantom.noisy[1].map { max($0, -1_000) }
        let all = NoiseEstimate.sigma(clipped, rows: 128, columns: 128)
        let foreground = NoiseEstimate.foregroundSigma(clipped, rows: 128, columns: 128)
        #expect(all < 18)
        #expect(abs(foreground / 20 - 1) < 0.1)
    }

    @Test func `what has no answer has none`() {
        #expect(PictureComparison.psnr(rmse: 0, range: 10) == nil)
        #expect(PictureComparison.correlation([1, 1, 1], [1, 2, 3]) == nil)
        #expect(PictureComparison.ssim([1, 2], [1, 2], rows: 1, columns: 2, range: 1) == nil)
        #expect(NoiseEstimate.sigma([Float](repeating: 5, count: 100), rows: 10, columns: 10) < 1e-12)
    }

    @Test func `correlation is 1 along a line and -1 against it`() throws {
        #expect(abs(try #require(PictureComparison.correlation([1, 2, 4], [3, 5, 9])) - 1) < 1e-12)
        #expect(abs(try #require(PictureComparison.correlation([1, 2, 4], [-3, -5, -9])) + 1) < 1e-12)
    }
}
