internal import Crypto

/// The number that a seed gives a unit: what the fold of a unit, and its rank among others, is taken from.
///
/// **Format** SHA-256 over `slicehouse-split-1`, a zero byte, the seed in decimal, a zero byte, and the unit key;
/// the first 53 bits, big-endian, over 2⁵³ are the number, which a double holds exactly.
package struct UnitHash: Sendable, Hashable, Comparable {
    package let digest: [UInt8]

    package init(seed: Int64, unitKey: String) {
        digest = Array(SHA256.hash(data: Array("slicehouse-split-1\0\(seed)\0\(unitKey)".utf8)))
    }

    /// **Range** 0 ≤ x < 1.
    package var fraction: Double {
        let bits = digest.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) } >> 11
        return Double(bits) * 0x1p-53
    }

    /// Rank: by digest, as bytes.
    package static func < (left: UnitHash, right: UnitHash) -> Bool {
        left.digest.lexicographicallyPrecedes(right.digest)
    }
}
