/// Random words as a pure function of a key and a counter: Philox 4×32 with ten rounds.
///
/// Any part of a stream can be made without making what comes before it, on any number of cores.
/// **Source** Salmon, Moraes, Dror, Shaw: Parallel random numbers: as easy as 1, 2, 3 (SC 2011).
package enum Philox {
    /// The four words of a counter under a key.
    @inlinable
    package static func block(_ counter: SIMD4<UInt32>, key: (UInt32, UInt32)) -> SIMD4<UInt32> {
        var x = counter
        var key = key
        for round in 0..<10 {
            if round > 0 {
                key.0 &+= 0x9E37_79B9
                key.1 &+= 0xBB67_AE85
            }
            let first = UInt64(0xD251_1F53) &* UInt64(x[0])
            let second = UInt64(0xCD9E_8D57) &* UInt64(x[2])
            x = SIMD4(
                UInt32(truncatingIfNeeded: second >> 32) ^ x[1] ^ key.0, UInt32(truncatingIfNeeded: second),
                UInt32(truncatingIfNeeded: first >> 32) ^ x[3] ^ key.1, UInt32(truncatingIfNeeded: first))
        }
        return x
    }

    /// The key that a 64-bit seed makes: its low word, then its high word.
    @inlinable
    package static func key(seed: UInt64) -> (UInt32, UInt32) {
        (UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32))
    }
}
