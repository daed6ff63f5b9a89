internal import Glibc

/// Random numbers as a pure function of (seed, stream, position): Philox 4×32 with ten rounds.
///
/// Any part of a random matrix can be made without making what comes before it, on any number of cores.
/// **Source** Salmon, Moraes, Dror, Shaw: Parallel random numbers: as easy as 1, 2, 3 (SC 2011).
package struct PhiloxGenerator: Sendable {
    private let key: (UInt32, UInt32)
    private let stream: UInt64

    package init(seed: UInt64, stream: UInt64 = 0) {
        key = (UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32))
        self.stream = stream
    }

    /// The four words of a counter under a key.
    static func block(
        _ counter: SIMD4<UInt32>, key: (UInt32, UInt32)
    ) -> SIMD4<UInt32> {
        var x = counter
        var key = key
        for round in 0..<10 {
            if round > 0 {
                key.0 &+= 0x9E37_79B9
                key.1 &+= 0xBB67_AE85
            }
            let first = UInt64(0xD251_1F53) * UInt64(x[0])
            let second = UInt64(0xCD9E_8D57) * UInt64(x[2])
            x = SIMD4(
                UInt32(truncatingIfNeeded: second >> 32) ^ x[1] ^ key.0, UInt32(truncatingIfNeeded: second),
                UInt32(truncatingIfNeeded: first >> 32) ^ x[3] ^ key.1, UInt32(truncatingIfNeeded: first))
        }
        return x
    }

    private func words(at position: UInt64) -> SIMD4<UInt32> {
        Self.block(
            SIMD4(
                UInt32(truncatingIfNeeded: position), UInt32(truncatingIfNeeded: position >> 32),
                UInt32(truncatingIfNeeded: stream), UInt32(truncatingIfNeeded: stream >> 32)), key: key)
    }

    /// A matrix of independent standard normal numbers (Box and Muller), filled column by column.
    package func normal(rows: Int, columns: Int) -> Matrix {
        Matrix(rows: rows, columns: columns, elements: normal(count: rows * columns))
    }

    /// Independent standard normal numbers, two a block.
    package func normal(count: Int) -> [Double] {
        var result: [Double] = []
        result.reserveCapacity(count + 1)
        for position in 0..<UInt64((count + 1) / 2) {
            let words = words(at: position)
            let radius = sqrt(-2 * log(Self.unit(words[0], words[1])))
            let angle = 2 * Double.pi * Self.unit(words[2], words[3])
            result.append(radius * cos(angle))
            result.append(radius * sin(angle))
        }
        return Array(result.prefix(count))
    }

    /// A number in (0, 1] of 53 bits.
    private static func unit(_ high: UInt32, _ low: UInt32) -> Double {
        let bits = (UInt64(high) << 32 | UInt64(low)) >> 11
        return (Double(bits) + 1) * 0x1p-53
    }
}
