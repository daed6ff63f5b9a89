import Testing

@testable import BatchStream

@Suite struct FeistelPermutationTests {
    /// By python/tests/philox.py, an implementation of its own after docs/formats.md.
    @Test(
        arguments: [
            (10, 0, 0, [8, 7, 6, 3, 4, 5, 0, 9, 1, 2]),
            (10, 0, 1, [8, 5, 9, 1, 0, 3, 4, 2, 7, 6]),
            (7, 12_345, 0, [1, 2, 6, 5, 3, 0, 4]),
            (1, 9, 9, [0]),
            (2, 0, 0, [1, 0]),
            (16, 1_099_511_627_779, 8_589_934_593, [4, 0, 3, 12, 13, 9, 6, 1, 8, 15, 14, 5, 7, 10, 2, 11]),
        ] as [(Int, UInt64, UInt64, [Int])])
    func `test vectors`(count: Int, seed: UInt64, epoch: UInt64, expected: [Int]) {
        let permutation = FeistelPermutation(count: count, seed: seed, epoch: epoch)
        #expect((0..<count).map { permutation[$0] } == expected)
    }

    @Test func `a value of a large permutation needs none of the others`() {
        let permutation = FeistelPermutation(count: 1_000, seed: 42, epoch: 3)
        #expect((0..<8).map { permutation[$0] } == [75, 886, 795, 51, 642, 157, 650, 885])
        #expect(permutation[999] == 364)
    }

    @Test(arguments: [1, 2, 3, 4, 5, 16, 17, 255, 257, 4_097, 70_000])
    func `every number comes once`(count: Int) {
        for epoch in 0..<3 as Range<UInt64> {
            let permutation = FeistelPermutation(count: count, seed: 11, epoch: epoch)
            #expect((0..<count).map { permutation[$0] }.sorted() == Array(0..<count))
        }
    }

    @Test func `counts beyond 32 bits`() {
        let count = (1 << 40) + 12_345
        let permutation = FeistelPermutation(count: count, seed: 1, epoch: 0)
        let values = (0..<1_000).map { permutation[$0] }
        #expect(Set(values).count == 1_000)
        #expect(values.allSatisfy { (0..<count).contains($0) })
    }

    /// Over many seeds each value stands at each place equally often: χ² of 35 degrees of freedom, at 5 σ.
    @Test func `small permutations are spread evenly`() {
        let (count, seeds) = (6, 6_000)
        var table = [[Int]](repeating: [Int](repeating: 0, count: count), count: count)
        for seed in 0..<UInt64(seeds) {
            let permutation = FeistelPermutation(count: count, seed: seed, epoch: 0)
            for position in 0..<count { table[position][permutation[position]] += 1 }
        }
        let expected = Double(seeds) / Double(count)
        let squares = table.joined().map { (Double($0) - expected) * (Double($0) - expected) / expected }
        #expect(squares.reduce(0, +) < 25 + 5 * 50.0.squareRoot())
    }
}
