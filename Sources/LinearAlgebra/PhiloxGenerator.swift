internal import Glibc
internal import Philox

/// Random numbers as a pure function of (seed, stream, position): Philox 4×32 with ten rounds.
///
/// Any part of a random matrix can be made without making what comes before it, on any number of cores.
/// **Source** Salmon, Moraes, Dror, Shaw: Parallel random numbers: as easy as 1, 2, 3 (SC 2011).
package struct PhiloxGenerator: Sendable {
    private let key: (UInt32, UInt32)
    private let stream: UInt64

    package init(seed: UInt64, stream: UInt64 = 0) {
        key = Philox.key(seed: seed)
        self.stream = stream
    }

    private func words(at position: UInt64) -> SIMD4<UInt32> {
        Philox.block(
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
