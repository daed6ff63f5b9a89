import Testing

@testable import LinearAlgebra

@Suite struct PhiloxGeneratorTests {
    @Test func `normal numbers have the moments of the normal distribution`() {
        let numbers = PhiloxGenerator(seed: 3).normal(count: 200_000)
        let count = Double(numbers.count)
        let mean = numbers.reduce(0, +) / count
        let variance = numbers.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count
        let fourth = numbers.reduce(0) { $0 + $1 * $1 * $1 * $1 } / count
        // Five standard errors: 1/√n, √2/√n, √96/√n.
        #expect(abs(mean) < 5 / count.squareRoot())
        #expect(abs(variance - 1) < 7.1 / count.squareRoot())
        #expect(abs(fourth - 3) < 49 / count.squareRoot())
    }

    @Test func `streams and seeds differ, and the same gives the same`() {
        let first = PhiloxGenerator(seed: 1).normal(rows: 3, columns: 4)
        #expect(first == PhiloxGenerator(seed: 1).normal(rows: 3, columns: 4))
        #expect(first != PhiloxGenerator(seed: 2).normal(rows: 3, columns: 4))
        #expect(first != PhiloxGenerator(seed: 1, stream: 1).normal(rows: 3, columns: 4))
        #expect(PhiloxGenerator(seed: 1).normal(count: 5).prefix(5) == first.elements.prefix(5))
    }
}
