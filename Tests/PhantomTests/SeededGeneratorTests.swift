import Testing

@testable import Phantom

@Suite struct SeededGeneratorTests {
    /// The first outputs of Vigna's `splitmix64.c` with state 1234567, compiled and run.
    @Test func `the stream is that of the published SplitMix64`() {
        var generator = SeededGenerator(seed: 1_234_567)
        #expect(generator.next() == 6_457_827_717_110_365_317)
        #expect(generator.next() == 3_203_168_211_198_807_973)
        #expect(generator.next() == 9_817_491_932_198_370_423)
    }

    @Test func `another key is another stream`() {
        var streams: Set<UInt64> = []
        for patient in 0..<20 as Range<UInt64> {
            for slice in 0..<20 as Range<UInt64> {
                var generator = SeededGenerator(seed: 1, key: patient, slice)
                streams.insert(generator.next())
            }
        }
        #expect(streams.count == 400)
    }

    @Test func `normal numbers have mean 0 and standard deviation 1`() {
        var generator = SeededGenerator(seed: 5)
        let numbers = (0..<20_000).map { _ in Double(generator.normal()) }
        let mean = numbers.reduce(0, +) / 20_000
        let variance = numbers.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 20_000
        #expect(abs(mean) < 0.03)
        #expect(abs(variance - 1) < 0.05)
    }
}
