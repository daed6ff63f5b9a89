import LinearAlgebra
import Testing

@testable import Analysis

@Suite struct PatchSpectrumTests {
    private func squares(of matrix: Matrix) throws -> [Double] { try DenseSVD(matrix).values.map { $0 * $0 } }

    /// Noise of standard deviation 3 over 40 patches of 64 × 32.
    @Test func `pure noise has no signal, and its level is found`() throws {
        var sum = 0.0
        for seed in 0..<40 as Range<UInt64> {
            var matrix = PhiloxGenerator(seed: seed).normal(rows: 64, columns: 32)
            for index in matrix.elements.indices { matrix.elements[index] *= 3 }
            let spectrum = PatchSpectrum(squares: try squares(of: matrix), longSide: 64)
            #expect(spectrum.signalCount <= 2)
            sum += try #require(spectrum.variance).squareRoot()
        }
        #expect(abs(sum / 40 / 3 - 1) < 0.03)
    }

    @Test func `components far above the noise are kept, all of them`() throws {
        let left = PhiloxGenerator(seed: 90).normal(rows: 64, columns: 4)
        let right = PhiloxGenerator(seed: 91).normal(rows: 32, columns: 4)
        var matrix = left.times(transposed: right)
        let noise = PhiloxGenerator(seed: 92).normal(rows: 64, columns: 32)
        for index in matrix.elements.indices {
            matrix.elements[index] = 10 * matrix.elements[index] + noise.elements[index]
        }
        #expect(PatchSpectrum(squares: try squares(of: matrix), longSide: 64).signalCount == 4)
    }

    @Test func `nothing but zeros is left alone`() {
        let spectrum = PatchSpectrum(squares: [0, 0, 0], longSide: 9)
        #expect(spectrum.variance == nil)
        #expect(spectrum.signalCount == 3)
    }

    @Test func `pieces cover everything and end at the end`() {
        #expect(PatchPCA.starts(count: 10, length: 4, step: 2) == [0, 2, 4, 6])
        #expect(PatchPCA.starts(count: 9, length: 4, step: 2) == [0, 2, 4, 5])
        #expect(PatchPCA.starts(count: 3, length: 4, step: 2) == [0])
    }
}
