import Testing

@testable import LinearAlgebra

@Suite struct SymmetricEigenTests {
    /// [[2, 1], [1, 2]] has the eigenvalues 3 and 1; only the upper triangle is read.
    @Test func `a matrix of two by two by hand`() throws {
        let eigen = try SymmetricEigen(upperTriangleOf: Matrix(rows: 2, columns: 2, elements: [2, 99, 1, 2]))
        #expect(abs(eigen.values[0] - 3) < 1e-14)
        #expect(abs(eigen.values[1] - 1) < 1e-14)
        #expect(abs(abs(eigen.vectors[0, 0]) - 0.5.squareRoot()) < 1e-14)
    }

    @Test func `values that are not numbers are refused`() {
        #expect(throws: LinearAlgebraError.self) {
            try SymmetricEigen(upperTriangleOf: Matrix(rows: 2, columns: 2, elements: [.nan, 0, 0, 1]))
        }
    }
}
