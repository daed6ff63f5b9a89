import Testing

@testable import LinearAlgebra

@Suite struct HouseholderQRTests {
    /// QᵀQ = I and A = Q·(QᵀA), whatever the rank: the laws of a basis.
    @Test(arguments: [(40, 7), (7, 7), (30, 1)])
    func `a basis is orthonormal and spans the columns`(rows: Int, columns: Int) throws {
        let matrix = PhiloxGenerator(seed: 8).normal(rows: rows, columns: columns)
        try expectBasis(of: matrix)
    }

    /// The Cholesky route of the system that this replaces threw "R is rank-deficient" here.
    @Test func `columns that repeat each other still give an orthonormal basis`() throws {
        let one = PhiloxGenerator(seed: 9).normal(rows: 30, columns: 1)
        try expectBasis(of: Matrix(rows: 30, columns: 3, elements: one.elements + one.elements + one.elements))
        try expectBasis(of: Matrix(rows: 10, columns: 4))
    }

    @Test func `the triangle has the Gram matrix of the columns`() throws {
        for rows in [50, 3] {
            let matrix = PhiloxGenerator(seed: 10).normal(rows: rows, columns: 6)
            let triangle = try HouseholderQR.triangle(of: matrix)
            expectEqual(triangle.transposedTimes(triangle), matrix.transposedTimes(matrix))
            for column in 0..<6 { for row in (column + 1)..<7 where row < 6 { #expect(triangle[row, column] == 0) } }
        }
    }

    private func expectBasis(of matrix: Matrix) throws {
        let basis = try HouseholderQR.basis(of: matrix)
        expectEqual(basis.transposedTimes(basis), .identity(matrix.columns))
        expectEqual(basis.times(basis.transposedTimes(matrix)), matrix)
    }

    private func expectEqual(_ first: Matrix, _ second: Matrix) {
        #expect(first.rows == second.rows && first.columns == second.columns)
        #expect(zip(first.elements, second.elements).allSatisfy { abs($0 - $1) < 1e-12 })
    }
}
