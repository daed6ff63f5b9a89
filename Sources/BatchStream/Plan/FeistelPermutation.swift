internal import Philox

/// A permutation of 0..<count as a pure function of a seed and an epoch, any of its values without the others.
///
/// A balanced Feistel network of eight rounds on 2b bits, b being the least with 4ᵇ ≥ count; values outside the range are
/// sent through it again until they fall inside (cycle walking), fewer than four times on the average. The word of round
/// r is the first of ``Philox`` block (r, 2, epoch low, epoch high) under the key `seed`, and with `mix` the finaliser of
/// MurmurHash3 a round is `(left, right) ← (right, left ⊕ mix(right ⊕ word) mod 2ᵇ)`. Test vectors: `docs/formats.md`.
/// **Source** Black, Rogaway: Ciphers with arbitrary finite domains (CT-RSA 2002).
package struct FeistelPermutation: Sendable {
    package let count: Int
    private let halfBits: UInt64
    private let words: [UInt32]

    /// - Parameter count: At most 2⁶².
    package init(count: Int, seed: UInt64, epoch: UInt64) {
        precondition(count >= 0 && count <= 1 << 62, "a permutation of at most 2⁶² numbers")
        self.count = count
        let bits = count <= 1 ? 0 : UInt64(Int.bitWidth - (count - 1).leadingZeroBitCount)
        halfBits = max(1, (bits + 1) / 2)
        let key = Philox.key(seed: seed)
        let (low, high) = (UInt32(truncatingIfNeeded: epoch), UInt32(truncatingIfNeeded: epoch >> 32))
        words = (0..<8).map { Philox.block(SIMD4($0, 2, low, high), key: key)[0] }
    }

    /// The number at a position.
    ///
    /// **Cost** about 50 ns, whatever the count.
    package subscript(position: Int) -> Int {
        precondition(position >= 0 && position < count, "the position lies in the permutation")
        var value = UInt64(position)
        repeat { value = encrypt(value) } while value >= UInt64(count)
        return Int(value)
    }

    private func encrypt(_ value: UInt64) -> UInt64 {
        let mask = (UInt64(1) << halfBits) - 1
        var left = value >> halfBits
        var right = value & mask
        for word in words {
            let mixed = UInt64(Self.mix(UInt32(truncatingIfNeeded: right) ^ word))
            (left, right) = (right, left ^ (mixed & mask))
        }
        return left << halfBits | right
    }

    private static func mix(_ value: UInt32) -> UInt32 {
        var x = value
        x ^= x >> 16
        x &*= 0x85EB_CA6B
        x ^= x >> 13
        x &*= 0xC2B2_AE35
        return x ^ (x >> 16)
    }
}
