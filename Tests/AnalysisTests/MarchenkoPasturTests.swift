import TestSupport
import Testing

@testable import Analysis

@Suite struct MarchenkoPasturTests {
    @Test(.enabled(if: AnalysisOracle.isThere, "\(AnalysisOracle.isMissing)"))
    func `median and threshold are those of SciPy's quadrature and of the paper's formula`() throws {
        for cells in try AnalysisOracle.shared.get().table("law") {
            let numbers = cells.compactMap(Double.init)
            let law = MarchenkoPastur(longSide: Int(numbers[0]), shortSide: Int(numbers[1]))
            #expect(abs(law.median - numbers[2]) < 1e-3, "\(cells)")
            #expect(abs(law.optimalThreshold - numbers[3]) < 1e-12, "\(cells)")
        }
    }

    /// Gavish and Donoho 2014: 4/√3 for a square matrix of known noise, 2.858 times the median for unknown noise.
    @Test func `a square matrix has the constants of the paper`() {
        let law = MarchenkoPastur(longSide: 50, shortSide: 50)
        #expect(abs(law.optimalThreshold - 4 / 3.0.squareRoot()) < 1e-12)
        #expect(abs(law.optimalThreshold / law.median.squareRoot() - 2.858) < 1e-3)
    }
}
